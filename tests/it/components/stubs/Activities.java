// Activities of typed.wasm, as `isolet inspect --stubs java` writes them.

import com.fasterxml.jackson.annotation.*;
import io.temporal.activity.*;
import java.util.*;

@ActivityInterface
public interface Activities {
    /** ping: func(name: string) -> string */
    @ActivityMethod(name = "ping")
    String ping(String name);

    /** acme:shop/orders@1.2.0#ship: func(order: order) -> result<receipt, order-error> */
    @ActivityMethod(name = "ship")
    Receipt ship(Order order);

    /** acme:shop/orders@1.2.0#refuse-with-text: func(why: string) -> result<_, string> */
    @ActivityMethod(name = "refuse-with-text")
    void refuseWithText(String why);

    /** acme:shop/orders@1.2.0#refuse-with-record: func(why: string) -> result<u32, stock-problem> */
    @ActivityMethod(name = "refuse-with-record")
    Long refuseWithRecord(String why);

    /** acme:shop/orders@1.2.0#refuse: func() -> result */
    @ActivityMethod(name = "refuse")
    void refuse();

    /** acme:shop/every-type@1.2.0#echo: func(it: everything) -> everything */
    @ActivityMethod(name = "echo")
    Everything echo(Everything it);

    /** acme:shop/every-type@1.2.0#echo-bytes: func(it: list<u8>) -> list<u8> */
    @ActivityMethod(name = "echo-bytes")
    byte[] echoBytes(byte[] it);

    /** acme:shop/every-type@1.2.0#echo-maybe: func(it: option<option<s64>>) -> option<option<s64>> */
    @ActivityMethod(name = "echo-maybe")
    Map<String, Long> echoMaybe(Map<String, Long> it);

    /** acme:shop/every-type@1.2.0#concatenate: func(first: string, second: string, third: option<string>) -> string */
    @ActivityMethod(name = "concatenate")
    String concatenate(String first, String second, String third);

    /** acme:shop/every-type@1.2.0#nothing: func() */
    @ActivityMethod(name = "nothing")
    void nothing();

    /** acme:shop/hostile@1.2.0#many-bytes: func(count: u32) -> list<u8> */
    @ActivityMethod(name = "many-bytes")
    byte[] manyBytes(Long count);

    /** acme:shop/hostile@1.2.0#many-numbers: func(count: u32) -> list<u64> */
    @ActivityMethod(name = "many-numbers")
    List<java.math.BigInteger> manyNumbers(Long count);

    /** acme:shop/hostile@1.2.0#count-wide: func(all: list<wide>) -> u64 */
    @ActivityMethod(name = "count-wide")
    java.math.BigInteger countWide(List<Wide> all);

    /** acme:shop/hostile@1.2.0#count-texts: func(all: list<list<string>>) -> u64 */
    @ActivityMethod(name = "count-texts")
    java.math.BigInteger countTexts(List<List<String>> all);

    /** acme:shop/hostile@1.2.0#spin: func() */
    @ActivityMethod(name = "spin")
    void spin();

    /** acme:shop/hostile@1.2.0#trap: func() */
    @ActivityMethod(name = "trap")
    void trap();

    /** acme:shop/hostile@1.2.0#exhaust: func() */
    @ActivityMethod(name = "exhaust")
    void exhaust();

    record Item(
        @JsonProperty("sku") String sku,
        @JsonProperty("unit_price") Double unitPrice,
        @JsonProperty("count") Long count) {}

    /** One case: its name, and what it carries, as Jackson reads it; null for a case that carries nothing. */
    record Payment(String tag, Object value) {
        static Payment cash() {
            return new Payment("cash", null);
        }

        static Payment card(String it) {
            return new Payment("card", it);
        }

        static Payment onAccount(java.math.BigInteger it) {
            return new Payment("on_account", it);
        }

        @JsonCreator
        static Payment of(Object json) {
            if (json instanceof Map<?, ?> map && map.size() == 1) {
                var entry = map.entrySet().iterator().next();
                return new Payment(String.valueOf(entry.getKey()), entry.getValue());
            }
            return new Payment(String.valueOf(json), null);
        }

        @JsonValue
        Object json() {
            return value == null ? tag : Map.of(tag, value);
        }
    }

    record Order(
        @JsonProperty("id") java.math.BigInteger id,
        @JsonProperty("items") List<Item> items,
        @JsonProperty("payment") Payment payment,
        @JsonProperty("note") String note) {}

    record Receipt(
        @JsonProperty("order") java.math.BigInteger order,
        @JsonProperty("total") Double total) {}

    record StockProblem(
        @JsonProperty("message") String message,
        @JsonProperty("non_retryable") Boolean nonRetryable,
        @JsonProperty("left") Long left) {}

    /** One case: its name, and what it carries, as Jackson reads it; null for a case that carries nothing. */
    record OrderError(String tag, Object value) {
        static OrderError empty() {
            return new OrderError("empty", null);
        }

        static OrderError notPaid(String it) {
            return new OrderError("not_paid", it);
        }

        static OrderError outOfStock(StockProblem it) {
            return new OrderError("out_of_stock", it);
        }

        @JsonCreator
        static OrderError of(Object json) {
            if (json instanceof Map<?, ?> map && map.size() == 1) {
                var entry = map.entrySet().iterator().next();
                return new OrderError(String.valueOf(entry.getKey()), entry.getValue());
            }
            return new OrderError(String.valueOf(json), null);
        }

        @JsonValue
        Object json() {
            return value == null ? tag : Map.of(tag, value);
        }
    }

    enum Color {
        @JsonProperty("red") RED,
        @JsonProperty("dark_blue") DARK_BLUE
    }

    enum Access {
        @JsonProperty("read") READ,
        @JsonProperty("write_all") WRITE_ALL,
        @JsonProperty("run") RUN
    }

    /** One case: its name, and what it carries, as Jackson reads it; null for a case that carries nothing. */
    record Shape(String tag, Object value) {
        static Shape point() {
            return new Shape("point", null);
        }

        static Shape circle(Float it) {
            return new Shape("circle", it);
        }

        static Shape boxOf(List<Object> it) {
            return new Shape("box_of", it);
        }

        @JsonCreator
        static Shape of(Object json) {
            if (json instanceof Map<?, ?> map && map.size() == 1) {
                var entry = map.entrySet().iterator().next();
                return new Shape(String.valueOf(entry.getKey()), entry.getValue());
            }
            return new Shape(String.valueOf(json), null);
        }

        @JsonValue
        Object json() {
            return value == null ? tag : Map.of(tag, value);
        }
    }

    record Everything(
        @JsonProperty("yes") Boolean yes,
        @JsonProperty("tiny") Byte tiny,
        @JsonProperty("byte") Short byte_,
        @JsonProperty("short") Short short_,
        @JsonProperty("unsigned_short") Integer unsignedShort,
        @JsonProperty("int") Integer int_,
        @JsonProperty("unsigned_int") Long unsignedInt,
        @JsonProperty("long") Long long_,
        @JsonProperty("unsigned_long") java.math.BigInteger unsignedLong,
        @JsonProperty("single") Float single,
        @JsonProperty("double") Double double_,
        @JsonProperty("letter") String letter,
        @JsonProperty("text") String text,
        @JsonProperty("bytes") byte[] bytes,
        @JsonProperty("texts") List<String> texts,
        @JsonProperty("pair") List<Object> pair,
        @JsonProperty("color") Color color,
        @JsonProperty("access") List<Access> access,
        @JsonProperty("shape") Shape shape,
        @JsonProperty("maybe") Long maybe,
        @JsonProperty("maybe_maybe") Map<String, Long> maybeMaybe,
        @JsonProperty("outcome") Object outcome,
        @JsonProperty("bare") Object bare,
        @JsonProperty("shapes") List<Shape> shapes) {}

    record Wide(
        @JsonProperty("a") String a,
        @JsonProperty("b") String b,
        @JsonProperty("c") String c,
        @JsonProperty("d") String d,
        @JsonProperty("e") String e,
        @JsonProperty("f") String f,
        @JsonProperty("g") String g,
        @JsonProperty("h") String h,
        @JsonProperty("i") String i,
        @JsonProperty("j") String j,
        @JsonProperty("k") String k,
        @JsonProperty("l") String l) {}

}