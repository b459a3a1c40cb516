/** The encrypted binding is a drop-in for better-sqlite3 and ships types that its `exports` hide. */
declare module 'better-sqlite3-multiple-ciphers' {
  import Sqlite from 'better-sqlite3'
  export default Sqlite
}
