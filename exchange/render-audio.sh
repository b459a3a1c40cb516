#!/usr/bin/env bash
# Renders the scripts' spoken lines once (espeak-ng, sox); the result is committed, so nobody needs these to run.
set -euo pipefail
cd "$(dirname "$0")/../resources/training"
render() { # script, voice, words a minute, pitch
  node -e "console.log(JSON.parse(require('fs').readFileSync('scripts.json')).find(s => s.scriptId === '$1').lines.join('\n'))" |
    espeak-ng -v "$2" -s "$3" -p "$4" --stdout |
    sox -t wav - -r 8000 -c 1 -e mu-law -t raw "$1.ulaw" gain -n -6 pad 0.3 1
}
render consultation cmn 150 50
render emergency cmn 200 70
render abuse cmn 190 30
render dialect yue 140 40
