/** The drawing library, in a file of its own (see the build's settings). */
export { createRoot } from 'react-dom/client'
