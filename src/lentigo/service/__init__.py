"""Services: what answers others, over HTTP, over DICOM, in bulk. It imports the runtime ring and images only."""
