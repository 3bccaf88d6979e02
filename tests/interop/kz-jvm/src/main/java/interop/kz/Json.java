package interop.kz;

import java.util.Map;
import java.util.stream.Collectors;

/** One object of names and plain values as one line of JSON on the standard output. */
final class Json {
  private Json() {}

  static void line(Map<String, ?> fields) {
    System.out.println(
        fields.entrySet().stream()
            .map(field -> quoted(field.getKey()) + ": " + written(field.getValue()))
            .collect(Collectors.joining(", ", "{", "}")));
    System.out.flush();
  }

  private static String written(Object value) {
    return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(String.valueOf(value));
  }

  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (char letter : text.toCharArray()) {
      if (letter == '"' || letter == '\\') {
        out.append('\\').append(letter);
      } else if (letter < ' ') {
        out.append("\\u%04x".formatted((int) letter));
      } else {
        out.append(letter);
      }
    }
    return out.append('"').toString();
  }
}
