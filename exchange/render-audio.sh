#!/usr/bin/env bash
# Renders the scripts' spoken lines once (espeak-ng, sox); the result is committed, so nobody needs these to run.
set -euo pipefail
cd "$(dirname "$0")/../resources/training"
node -e "console.log(JSON.parse(require('fs').readFileSync('scripts.json')).find(s => s.scriptId === 'consultation').lines.join('\n'))" |
  espeak-ng -v cmn -s 150 --stdout | sox -t wav - -r 8000 -c 1 -e mu-law -t raw consultation.ulaw gain -n -6 pad 0.3 1
