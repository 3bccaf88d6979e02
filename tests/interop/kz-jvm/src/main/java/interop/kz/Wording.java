package interop.kz;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/** What the two versions of the protocol call the same: requests are written as text, answers read by path. */
record Wording(int version) {
  private static final ZoneId ZONE = ZoneId.of("Asia/Almaty");

  /** The bytes of a request whose fields are given in protobuf's text format. */
  byte[] request(String text) throws TextFormat.ParseException {
    Message.Builder builder = version == 202 ? Kz202.Request.newBuilder() : Kz203.Request.newBuilder();
    TextFormat.merge(text, builder);
    return builder.build().toByteArray();
  }

  Message response(byte[] body) throws InvalidProtocolBufferException {
    return version == 202 ? Kz202.Response.parseFrom(body) : Kz203.Response.parseFrom(body);
  }

  /** A message inside an answer in text form, to be sent back: {@code report.zx_report}. */
  static String textOf(Message message, String path) {
    return TextFormat.printer().printToString((Message) value(message, path));
  }

  static boolean has(Message message, String path) {
    return value(message, path) != null;
  }

  static int count(Message message, String path) {
    int dot = path.lastIndexOf('.');
    var owner = dot < 0 ? message : (Message) value(message, path.substring(0, dot));
    return owner == null ? 0 : owner.getRepeatedFieldCount(field(owner, path.substring(dot + 1)));
  }

  /** The field at the end of the path, or null where a message on the way is not there. A number picks a row. */
  static Object value(Message message, String path) {
    Object at = message;
    for (var name : path.split("\\.")) {
      var owner = (Message) at;
      var bracket = name.indexOf('[');
      if (bracket < 0) {
        var field = field(owner, name);
        if (!owner.hasField(field)) {
          return null;
        }
        at = owner.getField(field);
      } else {
        int row = Integer.parseInt(name.substring(bracket + 1, name.length() - 1));
        at = owner.getRepeatedField(field(owner, name.substring(0, bracket)), row);
      }
    }
    return at;
  }

  private static FieldDescriptor field(Message owner, String name) {
    var field = owner.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      throw new IllegalArgumentException(owner.getDescriptorForType().getName() + " has no field " + name);
    }
    return field;
  }

  static String now() {
    var at = ZonedDateTime.now(ZONE);
    return "date { year: %d month: %d day: %d } time { hour: %d minute: %d second: %d }"
        .formatted(at.getYear(), at.getMonthValue(), at.getDayOfMonth(), at.getHour(), at.getMinute(), at.getSecond());
  }

  static String money(long tiyn) {
    return "{ bills: %d coins: %d }".formatted(tiyn / 100, tiyn % 100);
  }
}
