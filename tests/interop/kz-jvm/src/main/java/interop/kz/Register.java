package interop.kz;

import com.google.protobuf.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A register's side of the chain of tokens and request numbers; every exchange becomes one line of JSON. */
final class Register {
  final Wording wording;
  final long device;
  private final Line line;
  private long token;
  private int number;

  Register(Line line, int version, long device, long token) {
    this.line = line;
    this.wording = new Wording(version);
    this.device = device;
    this.token = token;
  }

  /** How the bytes of a request reach the operator, and its answer this register. */
  enum Way {
    PLAIN,
    DRIPPED,
    ANSWER_LOST,
    ABANDONED
  }

  /** The next request of the chain; after a loss the same bytes go out again. The answer has to have this code. */
  Message ask(String name, String text, Way way, int code) throws IOException {
    byte[] request = next(text);
    if (way == Way.ANSWER_LOST) {
      line.loseAnswer(request);
    } else if (way == Way.ABANDONED) {
      line.abandon(request);
    }
    var answer = way == Way.DRIPPED ? line.drip(request) : line.exchange(request);
    return take(name, way, answer, code);
  }

  Message ask(String name, String text) throws IOException {
    return ask(name, text, Way.PLAIN, 0);
  }

  /** The last answer came, its loss is pretended: the last request once more, and the same must be said again. */
  Message again(String name, String text, long usedToken) throws IOException {
    var answer = line.exchange(new Frame(wording.version(), device, usedToken, number, wording.request(text)).bytes());
    return take(name, Way.PLAIN, answer, 0);
  }

  /** A request under a token that nobody gave: refused, and the chain goes on where it was. */
  void askWithToken(String name, String text, long wrong, int code) throws IOException {
    var request = new Frame(wording.version(), device, wrong, number + 1, wording.request(text)).bytes();
    var answer = line.exchange(request);
    require(answer.token() == wrong, name + ": an error does not echo the token of its request");
    report(name, Way.PLAIN, answer, code);
  }

  /** Requests that change no token, in one connection and at once. */
  List<Message> askTogether(String name, List<String> texts) throws IOException {
    var requests = new ArrayList<byte[]>();
    int first = number + 1;
    for (var text : texts) {
      requests.add(next(text));
    }
    var answers = new ArrayList<Message>();
    for (var answer : line.exchange(requests)) {
      require(answer.number() == first + answers.size(), name + ": answers in another order");
      answers.add(report(name, Way.PLAIN, answer, 0));
    }
    return answers;
  }

  /** Bytes that are no message of this protocol, and what becomes of them. */
  void garbage(String name, byte[] bytes, Integer code) throws IOException {
    var answer = line.untilClosed(bytes);
    if (code == null) {
      require(answer == null, name + ": answered");
      Json.line(Map.of("exchange", name, "version", wording.version(), "closed", true));
    } else {
      require(answer != null, name + ": closed without an answer");
      report(name, Way.PLAIN, answer, code);
    }
  }

  byte[] framed(byte[] body) {
    return new Frame(wording.version(), device, token, number + 1, body).bytes();
  }

  long token() {
    return token;
  }

  private byte[] next(String text) throws IOException {
    number = number == 0xFFFF ? 1 : number + 1;
    return new Frame(wording.version(), device, token, number, wording.request(text)).bytes();
  }

  private Message take(String name, Way way, Frame answer, int code) throws IOException {
    require(answer.number() == number, name + ": the answer has the number " + answer.number());
    var message = report(name, way, answer, code);
    if (code == 0) {
      token = answer.token();
    }
    return message;
  }

  private Message report(String name, Way way, Frame answer, int code) throws IOException {
    require(answer.version() == wording.version(), name + ": answered in version " + answer.version());
    require(answer.device() == device, name + ": answered to device " + answer.device());
    var message = wording.response(answer.body());
    var seen = (Integer) Wording.value(message, "result.result_code");
    var fields = new LinkedHashMap<String, Object>();
    fields.put("exchange", name);
    fields.put("version", wording.version());
    fields.put("command", String.valueOf(Wording.value(message, "command")));
    fields.put("way", way.name().toLowerCase());
    fields.put("result", seen);
    fields.put("token", answer.token());
    fields.put("number", answer.number());
    fields.put("bytes", answer.body().length);
    if (Wording.has(message, "ticket")) {
      fields.put("ticket_number", String.valueOf(Wording.value(message, "ticket.ticket_number")));
    }
    if (Wording.has(message, "report.zx_report")) {
      fields.put("report", String.valueOf(Wording.value(message, "report.report")));
      fields.put("shift", Wording.value(message, "report.zx_report.shift_number"));
    }
    Json.line(fields);
    require(seen == code, name + ": result " + seen + ", not " + code + ": " + message);
    return message;
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
