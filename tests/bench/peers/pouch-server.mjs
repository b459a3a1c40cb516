// A server on disk as PouchDB's own people offer it: express-pouchdb over LevelDB. Prints its address.
import express from 'express'
import expressPouch from 'express-pouchdb'
import PouchDB from 'pouchdb'

const [folder] = process.argv.slice(2)
const Stored = PouchDB.defaults({ prefix: `${folder}/` })
const app = express()
app.use(
  '/db',
  expressPouch(Stored, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log.txt` }),
)
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
process.stdin.on('end', () => process.exit(0)).resume()
