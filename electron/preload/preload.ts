/** Hands the page its port to the core and a few verbs of the shell; nothing else. Runs sandboxed. */
import { contextBridge, ipcRenderer } from 'electron'

contextBridge.exposeInMainWorld('zuoxiShell', {
  connectCore: () => ipcRenderer.send('core:connect'),
  announceCall: (text: { title: string; body: string; answer: string; decline: string }) =>
    ipcRenderer.send('call:announce', {
      title: text.title.slice(0, 100),
      body: text.body.slice(0, 200),
      answer: text.answer.slice(0, 40),
      decline: text.decline.slice(0, 40),
    }),
  announceDue: (text: { title: string; body: string }) =>
    ipcRenderer.send('due:announce', { title: text.title.slice(0, 100), body: text.body.slice(0, 200) }),
  callAnnounced: () => ipcRenderer.send('call:announced'),
  pageListens: () => ipcRenderer.send('page:listens'),
})

// A port cannot cross the context bridge; it goes as a transferred object of a message to the page itself.
ipcRenderer.on('core:port', event => window.postMessage('zuoxi:core-port', location.origin, event.ports))
ipcRenderer.on('core:gone', () => window.postMessage('zuoxi:core-gone', location.origin))
for (const what of ['resumed', 'answer', 'decline']) {
  ipcRenderer.on(`seat:${what}`, () => window.postMessage({ zuoxi: what }, location.origin))
}
ipcRenderer.on('seat:dial', (_, number: unknown) =>
  window.postMessage({ zuoxi: 'dial', number: String(number).slice(0, 40) }, location.origin),
)
