package interop.kz;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One message on the wire: 18 bytes of header, little-endian, and a body of protobuf. */
record Frame(int version, long device, long token, int number, byte[] body) {
  private static final int HEADER = 18;
  private static final int APP_CODE = 0x81A2;
  /** An answer above this is refused before room is made for it. */
  private static final int SIZE_MAX = 5 * 1024 * 1024;

  byte[] bytes() {
    return ByteBuffer.allocate(HEADER + body.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) APP_CODE)
        .putShort((short) version)
        .putInt(HEADER + body.length)
        .putInt((int) device)
        .putInt((int) token)
        .putShort((short) number)
        .put(body)
        .array();
  }

  /** Reads exactly one message, however many segments it comes in; the stream's end in the middle is an error. */
  static Frame read(InputStream input) throws IOException {
    var stream = new DataInputStream(input);
    var header = new byte[HEADER];
    stream.readFully(header);
    var fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    int code = Short.toUnsignedInt(fields.getShort());
    int version = Short.toUnsignedInt(fields.getShort());
    long size = Integer.toUnsignedLong(fields.getInt());
    long device = Integer.toUnsignedLong(fields.getInt());
    long token = Integer.toUnsignedLong(fields.getInt());
    int number = Short.toUnsignedInt(fields.getShort());
    if (code != APP_CODE || size < HEADER || size > SIZE_MAX) {
      throw new IOException("not a header of this protocol: application code " + code + ", size " + size);
    }
    var body = new byte[(int) size - HEADER];
    stream.readFully(body);
    return new Frame(version, device, token, number, body);
  }
}
