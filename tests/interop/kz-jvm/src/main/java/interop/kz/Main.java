package interop.kz;

import static interop.kz.Register.require;
import static interop.kz.Wording.money;
import static interop.kz.Wording.now;
import static interop.kz.Wording.value;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import interop.kz.Register.Way;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One day of a register: {@code java -jar kz-jvm.jar HOST:PORT VERSION DEVICE TOKEN}.
 *
 * <p>Prints a line of JSON for every exchange and a last one for the day; ends with 1 at the first thing that is not
 * as the protocol has it.
 */
public final class Main {
  private static final int SELL = 2;
  private static final int SELL_RETURN = 3;

  private final Register register;
  private final boolean newer;

  private Main(Register register) {
    this.register = register;
    this.newer = register.wording.version() >= 203;
  }

  public static void main(String[] arguments) {
    System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    if (arguments.length != 4) {
      System.err.println("usage: java -jar kz-jvm.jar HOST:PORT VERSION DEVICE TOKEN");
      System.exit(2);
    }
    int colon = arguments[0].lastIndexOf(':');
    var line = new Line(arguments[0].substring(0, colon), Integer.parseInt(arguments[0].substring(colon + 1)));
    int version = Integer.parseInt(arguments[1]);
    var register = new Register(line, version, Long.parseLong(arguments[2]), Long.parseLong(arguments[3]));
    try {
      new Main(register).day();
    } catch (IOException | RuntimeException failure) {
      Json.line(Map.of("failed", String.valueOf(failure), "version", version));
      System.exit(1);
    }
  }

  private void day() throws IOException {
    long first = register.token();
    register.ask("system", "command: COMMAND_SYSTEM " + service());
    require(register.token() == first, "SYSTEM has changed the token");
    var info = register.ask("info", "command: COMMAND_INFO " + service());
    require(String.valueOf(register.device).equals(value(info, "service.reg_info.kkm.kkm_id")), "INFO about another");
    require(register.token() == first, "INFO has changed the token");

    register.ask("deposit", placement("DEPOSIT", 10_000_00));
    require(register.token() != first, "MONEY_PLACEMENT has left the token as it was");
    register.ask("deposit, answer lost", placement("DEPOSIT", 500_00), Way.ANSWER_LOST, 0);

    var sale = register.ask("ticket", sale(1_200_00));
    theLinkBreaks(number(sale));
    register.ask("ticket with a discount", discounted());
    register.ask("ticket, byte by byte", sale(10_00), Way.DRIPPED, 0);
    register.ask("return", refund(number(sale)));
    register.ask("withdrawal", placement("WITHDRAWAL", 1_000_00));
    whatIsRefused();
    theShiftEnds();
    nomenclature();
    var together = List.of("command: COMMAND_SYSTEM " + service(), "command: COMMAND_INFO " + service());
    register.askTogether("two in one connection", together);
    garbage();
    Json.line(Map.of("done", true, "version", register.wording.version(), "tickets", 6));
  }

  /** An answer that is lost, and a connection that breaks behind the last byte: one ticket each time. */
  private void theLinkBreaks(String before) throws IOException {
    long used = register.token();
    var text = sale(500_00);
    var once = register.ask("ticket, answer lost", text, Way.ANSWER_LOST, 0);
    require(!number(once).equals(before), "two sales have one ticket number");
    var twice = register.again("ticket, once more", text, used);
    require(number(twice).equals(number(once)), "a ticket that was sent again has another number");
    require(value(twice, "ticket.qr_code").equals(value(once, "ticket.qr_code")), "and another QR code");
    var abandoned = register.ask("ticket, connection lost", sale(700_00), Way.ABANDONED, 0);
    require(!number(abandoned).equals(number(once)), "two sales have one ticket number");
  }

  private void whatIsRefused() throws IOException {
    register.askWithToken("a token that nobody gave", sale(1_00), register.token() ^ 1, 2);
    register.ask("more than the drawer holds", placement("WITHDRAWAL", 99_999_999_00L), Way.PLAIN, 14);
  }

  private void theShiftEnds() throws IOException {
    var x = register.ask("x report", "command: COMMAND_REPORT report { report: REPORT_X date_time {" + now() + "} } "
        + service());
    tickets(x, SELL, 5);
    tickets(x, SELL_RETURN, 1);
    require(value(x, "report.zx_report.cash_sum.bills").equals(drawer()), "the drawer holds another sum");
    var z = Wording.textOf(x, "report.zx_report") + " close_shift_time {" + now() + "}";
    var close = "command: COMMAND_CLOSE_SHIFT close_shift { close_time {" + now() + "} "
        + "operator { code: 1 name: \"Алия\" } z_report {" + z + "} } " + service();
    var closed = register.ask("close shift, answer lost", close, Way.ANSWER_LOST, 0);
    tickets(closed, SELL, 5);
    require("REPORT_Z".equals(String.valueOf(value(closed, "report.report"))), "a shift closed without a Z report");
    var later = register.ask("z report",
        "command: COMMAND_REPORT report { report: REPORT_Z date_time {" + now() + "} } " + service());
    require(
        value(later, "report.zx_report").equals(value(closed, "report.zx_report")), "the Z report is not what it was");
    var info = register.ask("info after the shift", "command: COMMAND_INFO " + service());
    require("REPORT_Z".equals(String.valueOf(value(info, "report.report"))), "INFO of a closed shift is no Z report");
  }

  private void nomenclature() throws IOException {
    var all = register.ask("nomenclature", "command: COMMAND_NOMENCLATURE nomenclature { current_version: 0 } "
        + service());
    require(Wording.count(all, "nomenclature.elements") > 0, "an empty catalogue");
    var same = register.ask("nomenclature, nothing new",
        "command: COMMAND_NOMENCLATURE nomenclature { current_version: " + value(all, "nomenclature.version") + " } " + service());
    require(Wording.count(same, "nomenclature.elements") == 0, "an actual catalogue is sent again");
    if (newer) {
      register.ask("no such barcode", "command: COMMAND_NOMENCLATURE nomenclature { barcode: \"0000000000000\" } "
          + service(), Way.PLAIN, 18);
    }
  }

  private void garbage() throws IOException {
    register.garbage("no protobuf", register.framed(new byte[] {(byte) 0xFF, (byte) 0xFF}), 3);
    register.garbage("no header", "GET / HTTP/1.1\r\nHost: operator\r\n\r\n".getBytes(StandardCharsets.US_ASCII), null);
  }

  /** Tenge that all of this leaves in the drawer: deposits, six sales for cash, one return, one withdrawal. */
  private static Long drawer() {
    return 10_000L + 500 + 1_200 + 500 + 700 + 900 + 10 - 1_200 - 1_000;
  }

  private static void tickets(Message report, int operation, int expected) {
    for (int row = 0; row < Wording.count(report, "report.zx_report.ticket_operations"); row++) {
      var path = "report.zx_report.ticket_operations[" + row + "]";
      var found = (com.google.protobuf.Descriptors.EnumValueDescriptor) value(report, path + ".operation");
      if (found.getNumber() == operation) {
        var count = value(report, path + ".tickets_count");
        require(count.equals(expected), "operation " + operation + ": " + count + " tickets, not " + expected);
        return;
      }
    }
    throw new IllegalStateException("no row of operation " + operation);
  }

  private static String number(Message answer) {
    var number = String.valueOf(value(answer, "ticket.ticket_number"));
    require(number.matches("[0-9]{10,12}"), "no fiscal sign: " + number);
    var code = ((ByteString) value(answer, "ticket.qr_code")).toStringUtf8();
    require(code.contains("i=" + number + "&"), "a QR code without the sign: " + code);
    return number;
  }

  private String placement(String operation, long tiyn) {
    return "command: COMMAND_MONEY_PLACEMENT money_placement { datetime {" + now() + "} operation: MONEY_PLACEMENT_"
        + operation + " sum " + money(tiyn) + " operator { code: 1 name: \"Алия\" } } " + service();
  }

  private String sale(long tiyn) {
    return ticket("OPERATION_SELL", commodity(tiyn), tiyn, "");
  }

  /** A discount as the JVM's public codec sends it: an item of its own, and the sum already without it. */
  private String discounted() {
    var discount = " items { type: ITEM_TYPE_DISCOUNT discount { name: \"Скидка\" sum " + money(100_00) + " } }";
    return ticket("OPERATION_SELL", commodity(1_000_00) + discount, 900_00, "");
  }

  private String refund(String sold) {
    var parent = "parent_ticket { parent_ticket_number: \"" + sold + "\" parent_ticket_data_time {" + now()
        + "} kgd_kkm_id: \"010000000001\" parent_ticket_total " + money(1_200_00)
        + " parent_ticket_is_offline: false }";
    return ticket("OPERATION_SELL_RETURN", commodity(1_200_00), 1_200_00, newer ? parent : "");
  }

  private static String commodity(long tiyn) {
    return "items { type: ITEM_TYPE_COMMODITY commodity { name: \"Нан\" section_code: \"1\" quantity: 1000 price "
        + money(tiyn) + " sum " + money(tiyn) + " measure_unit_code: \"796\" } }";
  }

  private String ticket(String operation, String items, long tiyn, String more) {
    return "command: COMMAND_TICKET ticket { operation: " + operation + " date_time {" + now()
        + "} operator { code: 1 name: \"Алия\" } " + items
        + " payments { type: PAYMENT_CASH sum " + money(tiyn) + " } amounts { total " + money(tiyn) + " taken "
        + money(tiyn) + " change " + money(0) + " } " + more + " } " + service();
  }

  /** The service block as the strictest of the public validators wants it in every message. */
  private String service() {
    var kkm = "kkm { fns_kkm_id: \"010000000001\" serial_number: \"SWK00000001\" kkm_id: \"" + register.device + "\" }";
    var org = "org { title: \"ТОО «Нива»\" address: \"Алматы, Абая 1\" inn: \"180340008219\" okved: \"47111\""
        + (newer ? " address_kz: \"Алматы, Абай 1\"" : "") + " }";
    var position = "latitude: 43238949 longitude: 76889709" + (newer ? " source: \"CELL\"" : "");
    return "service { get_reg_info: true offline_period { begin_time {" + now() + "} end_time {" + now() + "} } "
        + "security_stats { geo_position { " + position + " } } reg_info { " + kkm + " " + org + " } }";
  }
}
