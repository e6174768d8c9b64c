#!/usr/bin/env bash
# StoragePresentationContexts of pynetdicom, the list that its documentation offers for storage, lacks Dermoscopic Photography (Supplement 221). A receiver
# built on it rejects the objects of dermatoscopes. AllStoragePresentationContexts has it, and is longer than the 128 contexts that one association may propose.
# Seen: rejected with StoragePresentationContexts (120 contexts), accepted with AllStoragePresentationContexts (170).
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('pynetdicom==3.0.4' 'pydicom==3.0.2')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
from pynetdicom import AE, AllStoragePresentationContexts, StoragePresentationContexts
from pydicom.uid import UID

photograph = UID("1.2.840.10008.5.1.4.1.1.77.1.7")
print(photograph, "is", photograph.name)
found = {}
for name, contexts in (("StoragePresentationContexts", StoragePresentationContexts), ("AllStoragePresentationContexts", AllStoragePresentationContexts)):
    receiver = AE()
    receiver.supported_contexts = contexts
    server = receiver.start_server(("127.0.0.1", 0), block=False)
    sender = AE()
    sender.add_requested_context(photograph)
    association = sender.associate("127.0.0.1", server.server_address[1])
    found[name] = association.is_established, len(contexts)
    if association.is_established:
        association.release()
    server.shutdown()
    print(f"receiver with {name} ({len(contexts)}): accepts the class: {found[name][0]}")
raise SystemExit(not (found["StoragePresentationContexts"][0] is False and found["AllStoragePresentationContexts"][0] and found["AllStoragePresentationContexts"][1] > 128))
PY
