import { createRequire } from 'node:module';

// express-pouchdb is CommonJS, has no types, and wants the PouchDB that it serves.
const require = createRequire(import.meta.url);
const [folder = '', port = ''] = process.argv.slice(2);
const express = require('express');
const PouchDB = require('pouchdb-node').defaults({ prefix: `${folder}/` });
const app = express();
app.use('/', require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log.txt` }));
app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
