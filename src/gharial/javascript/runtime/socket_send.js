// What WebSocket's send() does with anything but a text or an ArrayBuffer on an open socket.
//
// Leaves in `gharial`: sendAnything.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('buffers');

  // Returns an ArrayBuffer that holds what the view shows and nothing else.
  const wholeBuffer = (view) => {
    const { buffer, byteOffset, byteLength } = view;
    return byteLength === buffer.byteLength
      ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
  };

  // Returns the bytes of a buffer source or a Blob; null for what is sent as a text.
  const bytesIn = (data) => {
    if (typeof data !== 'object' || data === null) return null;
    return gharial.bytesOf(data) ?? (gharial.isBlob?.(data) ? gharial.blobBytes(data) : null);
  };

  // Returns how many bytes will never be sent, since the socket has closed. The state is
  // asked for after the argument was converted: that may run the script's code.
  gharial.sendAnything = (hot, id, given) => {
    gharial.required(1, given.length, "'send' on 'WebSocket'");
    const data = given[0];
    const view = bytesIn(data);
    const text = view === null ? `${data}` : undefined;
    const state = hot[$SOCKET_STATE];
    if (state === $READY_CONNECTING) {
      throw gharial.domException(
        "Failed to execute 'send' on 'WebSocket': still in CONNECTING state.", 'InvalidStateError');
    }
    if (state === $READY_CLOSED) return view === null ? host.utf8Length(text) : view.byteLength;
    if (state === $READY_OPEN) {
      const whole = view === null ? text : wholeBuffer(view);
      if (hot[$SOCKET_SEND](whole)) return 0;
    }
    if (view === null) host.socketSendText(id, text);
    else host.socketSendBinary(id, view);
    return 0;
  };
})
