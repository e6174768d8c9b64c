# ruff: noqa: E501, PLW1510 - tables and programs of other languages in strings; an exit code is an answer
"""Answers the questions N1 to N20 of docs/guesses.md: `python benchmarks/guesses/guess_elsewhere.py PIXELS.npy [NODE MODULES]`.

PIXELS is uint8 (N, 192, 192, 3): photographs as the shipped bundle fits them. Asks whatever is installed of onnxruntime,
openvino, tract, onnxsim, onnxslim, pnnx with ncnn, onnx, usearch, hnswlib, faiss-cpu, safetensors, timm, isic-metadata;
so it is run once in each of several environments. N7: run `n7` with each version of onnxruntime and compare the digests.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

MODEL = Path(__file__).parents[2] / "src" / "lentigo" / "shipped" / "lentigo-resnet18" / "model.onnx"
FOLDER = Path(tempfile.mkdtemp())
PIXELS = np.load(sys.argv[1])[:20]
NODE = sys.argv[2] if len(sys.argv) > 2 else ""


def session(model: object = None, *, threads: int = 1, level: str = "ORT_ENABLE_ALL") -> np.ndarray:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, level)
    run = ort.InferenceSession(model or str(MODEL), options, providers=["CPUExecutionProvider"])
    return run.run(["logits"], {"pixels": PIXELS})[0]


def apart(logits: np.ndarray, wanted: np.ndarray | None = None) -> str:
    wanted = session() if wanted is None else wanted
    changed = int((logits.argmax(1) != wanted.argmax(1)).sum())
    return (
        f"logits at most {np.abs(logits - wanted).max():.2g} apart, {changed} of {len(wanted)} first diagnoses change"
    )


def n1() -> object:
    PIXELS.tofile(FOLDER / "p.bin")
    code = """
const ort=require('onnxruntime-web'),fs=require('fs');
(async()=>{ort.env.wasm.numThreads=1;const s=await ort.InferenceSession.create(fs.readFileSync(process.argv[1]));
const p=new Uint8Array(fs.readFileSync(process.argv[2]));const n=p.length/110592;
const r=await s.run({pixels:new ort.Tensor('uint8',p,[n,192,192,3])});
console.log(JSON.stringify(Array.from(r.logits.data)))})().catch(e=>{console.log(JSON.stringify(String(e).slice(0,300)))})
"""
    out = subprocess.run(
        ["node", "-e", code, str(MODEL), str(FOLDER / "p.bin")],
        capture_output=True,
        text=True,
        env={**os.environ, "NODE_PATH": str(Path(NODE).resolve())},
    )
    found = json.loads(out.stdout.strip().splitlines()[-1])
    if isinstance(found, str):
        return found
    kind = json.loads((Path(NODE) / "onnxruntime-web" / "package.json").read_text())["version"]
    return kind, apart(np.array(found, dtype=np.float32).reshape(len(PIXELS), -1))


def n2() -> object:
    import openvino as ov

    core = ov.Core()
    found = {}
    for name, settings in (("default", {}), ("f32", {"INFERENCE_PRECISION_HINT": "f32"})):
        compiled = core.compile_model(core.read_model(MODEL), "CPU", settings)
        found[name] = (apart(compiled([PIXELS])["logits"]), str(compiled.get_property("INFERENCE_PRECISION_HINT")))
    return found


def n3() -> object:
    import tract

    found = {}
    for name, size in (("any number of images", ""), ("fixed", str(len(PIXELS)))):
        try:
            model = tract.onnx().load(str(MODEL))
            if size:
                model.set_input_fact(0, f"{size},192,192,3,u8")
            out = model.into_model().into_runnable().run([PIXELS])
            found[name] = apart(out[0].to_numpy())
        except tract.TractError as error:
            found[name] = "raises: " + str(error)[:250]
    return found


def n4() -> object:
    import onnx
    import onnxsim
    import onnxslim

    model = onnx.load(MODEL)
    simple, ok = onnxsim.simplify(model)
    slim = onnxslim.slim(onnx.load(MODEL))
    plain = {
        "as it is": len(model.graph.node),
        "onnxsim": (len(simple.graph.node), ok),
        "onnxslim": len(slim.graph.node),
    }
    return plain, apart(session(simple.SerializeToString())), apart(session(slim.SerializeToString()))


def n5() -> object:
    copy = FOLDER / "model.onnx"
    copy.write_bytes(MODEL.read_bytes())
    out = subprocess.run(
        [str(Path(sys.executable).parent / "pnnx"), str(copy), "inputshape=[1,192,192,3]u8"],
        capture_output=True,
        text=True,
        cwd=FOLDER,
        timeout=300,
    )
    made = sorted(p.name for p in FOLDER.glob("model*"))
    return out.returncode, (out.stdout + out.stderr)[-400:], made


def n6() -> object:
    from onnx.reference import ReferenceEvaluator

    few = PIXELS[:2]
    found = ReferenceEvaluator(str(MODEL)).run(["logits"], {"pixels": few})[0]
    return apart(found, session()[:2])


def n7() -> object:
    np.save(Path(tempfile.gettempdir()) / f"logits-{version('onnxruntime')}.npy", session())
    return version("onnxruntime"), hashlib.sha256(session().tobytes()).hexdigest()[:16]


def n8() -> object:
    return apart(session(threads=2), session(threads=1))


def n9() -> object:
    return apart(session(level="ORT_DISABLE_ALL"))


def vectors() -> np.ndarray:
    rows = np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def n10() -> object:
    from usearch.index import Index

    index = Index(ndim=64, metric="cos")
    index.add(np.arange(3), vectors())
    found = index.search(vectors()[0], 1)
    back = index.get(0)
    return str(index.dtype), float(found.distances[0]), float(np.abs(back - vectors()[0]).max())


def n11() -> object:
    from usearch.index import Index

    index = Index(ndim=64, metric="cos", dtype="f32")
    index.add(np.array([10, 11, 12]), vectors())
    found = index.search(vectors()[:2], 5)
    return {
        "keys": found.keys.tolist(),
        "distances": found.distances.round(3).tolist(),
        "counts": found.counts.tolist(),
        "single": index.search(vectors()[0], 5).keys.tolist(),
    }


def n12() -> object:
    import hnswlib

    index = hnswlib.Index(space="cosine", dim=64)
    index.init_index(max_elements=10)
    index.add_items(vectors())
    return index.knn_query(vectors()[:2], k=5)


def n13() -> object:
    import faiss

    index = faiss.IndexFlatIP(64)
    index.add(vectors())
    near, names = index.search(vectors()[:1], 5)
    l2 = faiss.IndexFlatL2(64)
    l2.add(vectors())
    return near.tolist(), names.tolist(), l2.search(vectors()[:1], 5)[0].tolist()


def n14() -> object:
    import hnswlib

    index = hnswlib.Index(space="cosine", dim=64)
    index.init_index(max_elements=10)
    index.add_items(vectors())
    return [x.tolist() for x in index.knn_query(np.zeros((1, 64), np.float32), k=3)]


def n15() -> object:
    from usearch.index import Index

    index = Index(ndim=64, metric="cos", dtype="f32")
    index.add(np.array([0, 1]), np.stack([np.zeros(64, np.float32), vectors()[0]]))
    found = index.search(np.zeros(64, np.float32), 2)
    return found.keys.tolist(), found.distances.tolist()


def n16() -> object:
    from safetensors.numpy import load, save

    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    back = load(save({"t": values.T}))["t"]
    big = np.arange(3, dtype=">f4")
    found = {"transposed equal": bool((back == values.T).all()), "back": back.tolist()}
    try:
        found["big endian back"] = load(save({"b": big}))["b"].tolist()
    except Exception as error:  # noqa: BLE001
        found["big endian back"] = f"raises {type(error).__name__}"
    sliced = np.arange(10, dtype=np.float32)[::2]
    found["strided back"] = load(save({"s": sliced}))["s"].tolist()
    return found


def n17() -> object:
    import timm

    return {
        name: {
            k: timm.get_pretrained_cfg(name).to_dict().get(k)
            for k in ("input_size", "test_input_size", "crop_pct", "test_crop_pct", "interpolation")
        }
        for name in ("resnet18.a1_in1k", "resnet18.tv_in1k")
    }


def row(**fields: object) -> object:
    from isic_metadata.metadata import MetadataRow

    try:
        return MetadataRow.model_validate(fields).model_dump(exclude_none=True, exclude_unset=False)
    except ValueError as error:
        return str(error).replace("\n", " ")[:300]


def n18() -> object:
    return {age: row(age=age) for age in ("87", "2", "42.5", "43")}


def n19() -> object:
    return row(
        diagnosis="Malignant:Malignant melanocytic proliferations (Melanoma):Melanoma, NOS",
        diagnosis_confirm_type="single image expert consensus",
    ), row(diagnosis="melanoma")


def n20() -> object:
    return [row(clin_size_long_diam_mm=size) for size in ("5 cm", "5cm", "5 mm", "0.5")]


def main() -> None:
    packages = "onnx onnxruntime openvino tract onnxsim onnxslim pnnx ncnn usearch hnswlib faiss-cpu safetensors timm isic-metadata"
    installed = []
    for name in packages.split():
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    print(", ".join(installed))
    for name, ask in [(k, v) for k, v in globals().items() if k[0] == "n" and k[1:].isdigit()]:
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        try:
            print(name.upper(), ask(), flush=True)
        except ModuleNotFoundError:
            continue
        except Exception as error:  # noqa: BLE001 - an error is an answer here
            print(name.upper(), f"raises {type(error).__name__}: {str(error)[:400]}", flush=True)


if __name__ == "__main__":
    main()
