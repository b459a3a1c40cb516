/** What holds for every web contents and every session there ever is, also for one that a fault or an attacker makes. */
import { app, type Session, type WebContents } from 'electron'
import { isOwnPage, mayCheck, mayDownload, mayLoad, mayUse } from './rules.ts'

/** Before the first session and the first window are made. */
export function guardEverything(withTools: boolean): void {
  app.on('session-created', guardSession)
  app.on('web-contents-created', (_, contents) => guardContents(contents, withTools))
  // What the system and the city's authority do not vouch for is never loaded, and nobody is asked whether it should be.
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, decide) => {
    event.preventDefault()
    decide(false)
  })
  // By itself Electron would show any server the first certificate of the user's.
  app.on('select-client-certificate', (event, _contents, _url, _list, choose) => {
    event.preventDefault()
    choose()
  })
}

function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_, permission, done, details) => done(mayUse(permission, details)))
  session.setPermissionCheckHandler((_, permission, origin, details) => mayCheck(permission, origin, details))
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, done) => done({ cancel: !mayLoad(url) }))
  session.on('will-download', (event, item) => {
    if (mayDownload(item.getURL())) return
    event.preventDefault()
    console.error('zuoxi: refused a download that is not of the seat’s page')
  })
}

function guardContents(contents: WebContents, withTools: boolean): void {
  const stayHere = (details: { url: string; preventDefault(): void }) => {
    if (!isOwnPage(details.url)) details.preventDefault()
  }
  contents.on('will-navigate', stayHere)
  contents.on('will-frame-navigate', stayHere)
  contents.on('will-redirect', stayHere)
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-attach-webview', event => event.preventDefault())
  if (!withTools) contents.on('devtools-opened', () => contents.closeDevTools())
}
