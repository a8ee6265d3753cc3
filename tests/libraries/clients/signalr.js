import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { asUser } from './user.js';

export default asUser(async (address, name, inbox) => {
  const connection = new HubConnectionBuilder()
    .withUrl(`http://${address}/hub`)
    .withAutomaticReconnect([0, 1000, 1000, 1000, 5000, 5000, 5000])
    .configureLogging(LogLevel.None)
    .build();
  const join = () => connection.invoke('join', name).then(inbox.connected);
  connection.on('text', inbox.heard);
  connection.onreconnected(join);
  await connection.start();
  await join();
  return {
    send: (text) => connection.invoke('say', text),
    close: () => connection.stop(),
  };
});
