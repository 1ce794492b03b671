## runtime/console: the pages of those who look: the supervisor's page Now. The desk's plugin serves them.
## A page is a word of this list; what it shares with the desk lies in runtime/web/pages.
CONSOLE_WEB = index.html console.css console.js now.js table.js
EXTRA_DIST += runtime/console/pages
