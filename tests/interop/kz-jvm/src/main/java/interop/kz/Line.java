package interop.kz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** How a message gets to the operator: a connection for each, as registers do, and the ways in which one breaks. */
record Line(String host, int port) {
  /** How long a real register waits for a connection, and for each piece of an answer. */
  private static final int TIMEOUT_MS = 7_000;

  /** One connection, one request, one answer. */
  Frame exchange(byte[] request) throws IOException {
    return exchange(List.of(request)).get(0);
  }

  /** One connection, all requests at once, an answer for each in their order. */
  List<Frame> exchange(List<byte[]> requests) throws IOException {
    try (var socket = connect()) {
      for (var request : requests) {
        socket.getOutputStream().write(request);
      }
      var answers = new ArrayList<Frame>();
      for (int i = 0; i < requests.size(); i++) {
        answers.add(Frame.read(socket.getInputStream()));
      }
      return answers;
    }
  }

  /** The request byte by byte, each in a segment of its own. */
  Frame drip(byte[] request) throws IOException {
    try (var socket = connect()) {
      for (var octet : request) {
        socket.getOutputStream().write(octet);
      }
      return Frame.read(socket.getInputStream());
    }
  }

  /** The operator has answered, and the answer is lost: the connection ends after its first byte. */
  void loseAnswer(byte[] request) throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(request);
      int first = socket.getInputStream().read();
      if (first < 0) {
        throw new IOException("the operator closed the connection instead of answering");
      }
    }
  }

  /** The connection ends as soon as the request is written: whether the operator has it, nobody knows. */
  void abandon(byte[] request) throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(request);
    }
  }

  /** What is answered before the operator closes; null when it closes in silence. */
  Frame untilClosed(byte[] request) throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      int first = socket.getInputStream().read();
      if (first < 0) {
        return null;
      }
      var begun = new ByteArrayInputStream(new byte[] {(byte) first});
      return Frame.read(new SequenceInputStream(begun, socket.getInputStream()));
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
      return socket;
    } catch (IOException broken) {
      socket.close();
      throw broken;
    }
  }
}
