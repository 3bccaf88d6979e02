import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A test of a till against an operator that loses an answer, without any library: java OperatorTest.java
 *
 * <p>The operator is at the address in OFD (http://127.0.0.1:8080 by default): mock-ofd serve. With JUnit each of the
 * methods that begin with "a" or "the" is a @Test, and reset() is its @BeforeEach.
 */
public final class OperatorTest {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    /** The control API of the operator: a path, a body, and what comes back. */
    static final class Operator {
        final String url;

        Operator(String url) {
            this.url = url;
        }

        String ask(String method, String path, String body) throws IOException, InterruptedException {
            var request = HttpRequest.newBuilder(URI.create(url + "/control" + path))
                    .header("Content-Type", "application/json")
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                    .build();
            var answer = HTTP.send(request, BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new AssertionError(method + " " + path + ": " + answer.body());
            }
            return answer.body();
        }
    }

    /** The till under test: it sells over HTTP, and sends a receipt again when no answer came. */
    static final class Till {
        final String address;
        final String id;
        final String token;
        long now = System.currentTimeMillis();
        int number = 0;

        Till(String url, String id, String token) throws IOException, InterruptedException {
            this.address = url + "/api/v1/registers/" + id;
            this.id = id;
            this.token = token;
            send("/hello", "{\"register\": \"" + id + "\", \"token\": \"" + token + "\", \"software\": \"example\"}");
        }

        String sell(String name, long price) throws IOException, InterruptedException {
            number++;
            var body = """
                    {"content": {"kind": "receipt", "id": "%012x70008%015x", "number": %d, "shift": 1, "issued_at": %d,
                     "cashier": {"code": 1, "name": "Aigul"}, "operation": "sell",
                     "items": [{"name": "%s", "price": %d, "quantity": 1000, "sum": %d}],
                     "payments": [{"kind": "card", "sum": %d}], "total": %d}}
                    """.formatted(now, number, number, now, name, price, price, price, price);
            try {
                return send("/documents", body);
            } catch (HttpTimeoutException lost) {
                return send("/documents", body);
            }
        }

        String send(String path, String body) throws IOException, InterruptedException {
            var request = HttpRequest.newBuilder(URI.create(address + path))
                    .header("Content-Type", "application/json")
                    .header("Authorization", "Bearer " + token)
                    .timeout(Duration.ofMillis(1_500))
                    .POST(BodyPublishers.ofString(body))
                    .build();
            return HTTP.send(request, BodyHandlers.ofString()).body();
        }
    }

    final Operator operator;

    OperatorTest(String url) {
        operator = new Operator(url);
    }

    void reset() throws Exception {
        operator.ask("POST", "/reset", null);
    }

    Till newTill() throws Exception {
        var made = operator.ask("POST", "/registers", "{\"protocol\": \"http\"}");
        return new Till(operator.url, field(made, "id"), field(made, "token"));
    }

    void aReceiptWhoseAnswerWasLostIsThereOnce() throws Exception {
        var till = newTill();
        operator.ask("PUT", "/faults/lost-answer", """
                {"at": "after_commit", "effects": [{"kind": "lose_answer"}], "when": {"command": "document", "times": 1}}
                """);

        has(till.sell("Bread", 250_00), "\"result\":\"accepted\"");

        var verdict = operator.ask("POST", "/wait", """
                {"expected": {"register": "%s", "total": 25000, "items[0].name": "Bread"}, "within_s": 5}
                """.formatted(till.id));
        has(verdict, "\"met\":true");
        has(operator.ask("GET", "/check", null), "\"right\":true");
        has(operator.ask("GET", "/traffic?register=" + till.id, null), "\"name\":\"lost-answer\"");
    }

    void theShiftOfADayIsOver() throws Exception {
        var till = newTill();
        has(till.sell("Milk", 480_00), "\"result\":\"accepted\"");
        till.now = Long.parseLong(field(operator.ask("POST", "/clock/move", "{\"hours\": 25}"), "now"));
        has(till.sell("Milk", 480_00), "\"code\":\"shift_expired\"");
    }

    static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        if (!found.find()) {
            throw new AssertionError("no " + name + " in " + json);
        }
        return found.group(1);
    }

    static void has(String text, String part) {
        if (!text.contains(part)) {
            throw new AssertionError("no " + part + " in " + text);
        }
    }

    interface Case {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        var test = new OperatorTest(System.getenv().getOrDefault("OFD", "http://127.0.0.1:8080"));
        Case[] cases = {test::aReceiptWhoseAnswerWasLostIsThereOnce, test::theShiftOfADayIsOver};
        for (Case each : cases) {
            test.reset();
            each.run();
        }
        System.out.println("ok: " + cases.length + " tests");
    }
}
