// A mail server on loopback that takes every letter, or with `refuse` none. Prints its address, and then
// each letter as a line of JSON.
import { SMTPServer } from 'smtp-server';

const refuses = process.argv[2] === 'refuse';

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onRcptTo: (_address, _session, done) => done(refuses ? new Error('no such mailbox here') : null),
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map((recipient) => recipient.address);
      console.log(JSON.stringify({ to, text: Buffer.concat(chunks).toString() }));
      done();
    });
  },
});
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.server.address().port}`));
