// RxDB over Dexie, the free storage it recommends for browsers: IndexedDB on disk. Run by the bench in a Chromium page.
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import { rxdbLegs } from './rxdb-legs.mjs'

window.rxdbDexie = ({ url, rows, pushBatch, pullBatch }) =>
  rxdbLegs({ storage: getRxStorageDexie(), url, rows, pushBatch, pullBatch })
document.title = 'ready'
