"""DICOM in and out: storage receiver, structured report, overlay, de-identification."""
