#!/bin/sh
# Copies the small fixtures of the tests, and the shared data sets if they are there, to where the targets look.
set -eu
cd "$(dirname "$0")"
put() {
    target=$1
    shift
    mkdir -p "corpus/$target"
    for file in "$@"; do
        # A pattern that matches nothing stays as it is.
        if [ -f "$file" ]; then
            cp "$file" "corpus/$target/$(basename "$(dirname "$file")")_$(basename "$file")"
        fi
    done
}
formats=../../shared/data/formats
fixtures=../tests/fixtures
put npy $formats/*.npy
put zip $formats/*.npz $fixtures/torch/*.pt
put torch_legacy $fixtures/torch/legacy*.pt
put safetensors $formats/*.safetensors
put pickle $fixtures/pickle/*.pkl
put hdf5 $fixtures/hdf5/*.h5 $formats/*.h5
put parquet $fixtures/parquet/*.parquet $formats/*.parquet ../sample_data/*.parquet
put arrow_file $formats/*.arrow
put arrow_stream $formats/*.arrows
put packed_text $formats/*.gz
put ndjson $formats/*.jsonl
put csv $formats/*.csv $formats/*.tsv ../sample_data/*.csv
put kld fixtures/*.kld
