// RxDB over its memory storage: nothing of it is on a disk. Prints JSON. Usage: rxdb-memory.mjs SERVER-URL ROWS-FILE
import { readFileSync } from 'node:fs'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { rxdbLegs } from './rxdb-legs.mjs'

const [url, rowsFile] = process.argv.slice(2)
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'))
const legs = { storage: getRxStorageMemory(), url, rows, pushBatch: 2_000, pullBatch: 2_000 }
console.log(JSON.stringify(await rxdbLegs(legs)))
process.exit(0)
