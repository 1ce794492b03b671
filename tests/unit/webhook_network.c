/* tests/unit/webhook_network.c - Networks as data: who signs, what is read of a request, what is written. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/conversation/template.h"
#include "runtime/adapters/webhook/hosts.h"
#include "runtime/adapters/webhook/network.h"
#include "runtime/adapters/webhook/pick.h"
#include "runtime/adapters/webhook/send.h"
#include "runtime/vocabulary/contract.h"

struct headers {
    const char *name, *value;
    const char *second, *of_second;
};

static const char *header_of(void *self, const char *name)
{
    const struct headers *headers = self;
    if (g_ascii_strcasecmp(headers->name, name) == 0) return headers->value;
    return headers->second && g_ascii_strcasecmp(headers->second, name) == 0 ? headers->of_second : NULL;
}

static bool own(const struct webhook_verify *verify, const char *secret, struct headers *headers, const char *body,
                int64_t now_s)
{
    struct verify_request request = {{(const uint8_t *)body, (uint32_t)strlen(body)},
                                     "https://mycompany.com/myapp.php?foo=1&bar=2",
                                     header_of,
                                     headers,
                                     now_s};
    return verify_is_own(verify, secret, &request);
}

static const struct webhook_verify hub = {
    .digest = VERIFY_SHA256, .header = "X-Hub-Signature-256", .prefix = "sha256=", .signs = "{body}"};

/* The vector that GitHub publishes for its web hooks. */
Test(webhook_network, a_body_is_signed_in_hex, .timeout = 10)
{
    struct headers headers = {"X-Hub-Signature-256",
                              "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", NULL, NULL};
    cr_expect(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World!", 0));
    cr_expect_not(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World?", 0));
    cr_expect_not(own(&hub, "It's no Secret to Everybody", &headers, "Hello, World!", 0));
    headers.value = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    cr_expect_not(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World!", 0), "without its prefix");
    headers.value = "sha256=757107ea";
    cr_expect_not(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World!", 0), "its beginning");
    headers.value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17a";
    cr_expect_not(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World!", 0), "more than it");
    headers.value = "";
    cr_expect_not(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World!", 0));
    headers.name = "X-Other";
    cr_expect_not(own(&hub, "It's a Secret to Everybody", &headers, "Hello, World!", 0));
}

/* The vectors that Twilio's documentation and users publish. */
Test(webhook_network, a_form_and_its_address_are_signed_in_base64, .timeout = 10)
{
    static const struct webhook_verify verify = {
        .digest = VERIFY_SHA1, .base64 = true, .header = "X-Twilio-Signature", .prefix = "", .signs = "{url}{form}"};
    struct headers headers = {"x-twilio-signature", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", NULL, NULL};
    cr_expect(own(&verify, "12345", &headers,
                  "To=%2B18005551212&Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B12349013030&From=%2B12349013030",
                  0));
    headers.value = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    cr_expect(own(&verify, "12345", &headers,
                  "To=%2B18005551212&Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675309&From=%2B14158675309",
                  0));
    cr_expect_not(
        own(&verify, "12345", &headers,
            "To=%2B18005551213&Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675309&From=%2B14158675309", 0));
}

/* By Python's hmac, over address, names and decoded values; a zero is one of the bytes. */
Test(webhook_network, a_zero_in_a_form_is_signed_as_any_other_byte, .timeout = 10)
{
    static const struct webhook_verify verify = {
        .digest = VERIFY_SHA1, .base64 = true, .header = "X-Twilio-Signature", .prefix = "", .signs = "{url}{form}"};
    struct headers headers = {"x-twilio-signature", "cHfYujzjRiregBBVOB69hV+FiA0=", NULL, NULL};
    cr_expect(own(&verify, "12345", &headers, "MessageSid=SM1&Body=a%00b+%00&A=2&A=1&%zz=1", 0));
    cr_expect_not(own(&verify, "12345", &headers, "MessageSid=SM1&Body=a&A=2&A=1", 0));
}

/* The vector of the Standard Webhooks specification; another one of the same request comes later than it may. */
Test(webhook_network, a_signature_has_its_time, .timeout = 10)
{
    static const struct webhook_verify verify = {.digest = VERIFY_SHA256,
                                                 .base64 = true,
                                                 .keyed = true,
                                                 .header = "webhook-signature",
                                                 .prefix = "v1,",
                                                 .signs = "msg_p5jXN8AQM9LWM0D4loKWxJek.{webhook-timestamp}.{body}",
                                                 .stamp = "webhook-timestamp"};
    struct headers headers = {"webhook-signature",
                              "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "webhook-timestamp",
                              "1614265330"};
    const char *secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", *body = "{\"test\": 2432232314}";
    cr_expect(own(&verify, secret, &headers, body, 1614265330));
    cr_expect(own(&verify, secret, &headers, body, 1614265330 + VERIFY_WINDOW_S));
    cr_expect_not(own(&verify, secret, &headers, body, 1614265331 + VERIFY_WINDOW_S), "a replay");
    cr_expect(own(&verify, secret, &headers, body, 1614265330 - VERIFY_WINDOW_S));
    cr_expect_not(own(&verify, secret, &headers, body, 1614265329 - VERIFY_WINDOW_S), "a stamp of the future");
    headers.value = "v1,AAAA v1,g0hM";
    cr_expect_not(own(&verify, secret, &headers, body, 1614265330), "its beginning");
    headers.value = "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    headers.of_second = "1614265331";
    cr_expect_not(own(&verify, secret, &headers, body, 1614265330));
    headers.value = "v1,6JNthw4DtDhc3tFxR0yL2tKk3DGy4nWCVnGrycO3mk0=", headers.of_second = "0";
    cr_expect_not(own(&verify, secret, &headers, body, 0), "a stamp that is no moment");
}

Test(webhook_network, a_secret_has_its_longest_length, .timeout = 10)
{
    char *secret = g_strnfill(513, 'k');
    cr_expect_not(verify_secret_is_good(&hub, secret));
    cr_expect(verify_secret_is_good(&hub, secret + 1));
    g_free(secret);
}

static struct network *network_named(const char *name)
{
    char why[256], *path = g_strdup_printf("%s/runtime/adapters/webhook/networks/%s.json", getenv("top_srcdir"), name);
    struct network *network = network_open(path, why, sizeof why);
    cr_assert_not_null(network, "%s: %s", path, why);
    g_free(path);
    return network;
}

static void write_down(void *self, const struct post *post)
{
    g_string_append_printf(self,
                           "%u id=%s from=%s name=%s to=%s thread=%s text=%s media=%s at=%" G_GINT64_FORMAT
                           " status=%s cursor=%s vis=%s\n",
                           post->kind, post->fields[POST_id], post->fields[POST_from], post->fields[POST_name],
                           post->fields[POST_to], post->fields[POST_thread], post->fields[POST_text],
                           post->fields[POST_media], post->at_us, post->fields[POST_status], post->fields[POST_cursor],
                           post->fields[POST_visibility]);
}

static void reads(const char *name, const char *body, const char *posts, unsigned passed_over)
{
    struct network *network = network_named(name);
    GString *all = g_string_new(NULL);
    struct posts_count count;
    char why[200];
    cr_assert(network_posts(network, body, strlen(body), write_down, all, &count, why, sizeof why), "%s", why);
    cr_expect_str_eq(all->str, posts, "%s", all->str);
    cr_expect_eq(count.passed, passed_over, "%u", count.passed);
    g_string_free(all, TRUE);
    network_free(network);
}

Test(webhook_network, the_largest_size_of_a_picture_is_the_last, .timeout = 10)
{
    reads("bot_messenger",
          "{\"message\":{\"message_id\":9,\"chat\":{\"id\":42},\"photo\":[{\"file_id\":\"small\"},{\"file_id\":"
          "\"large\"}]}}",
          "0 id=42:9 from=42 name= to= thread= text= media=large at=0 status= cursor= vis=\n", 0);
    reads("bot_messenger", "{\"message\":{\"message_id\":9,\"chat\":{\"id\":42},\"photo\":[]}}",
          "0 id=42:9 from=42 name= to= thread= text= media= at=0 status= cursor= vis=\n", 0);
}

Test(webhook_network, a_batch_of_the_cloud_messenger_is_read, .timeout = 10)
{
    reads("cloud_messenger",
          "{\"object\":\"x\",\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"phone_number_id\":\"77\"},"
          "\"contacts\":[{\"profile\":{\"name\":\"Bo\"},\"wa_id\":\"4918\"},{\"profile\":{\"name\":\"Zo\\u00eb\"},"
          "\"wa_id\":\"4917\"}],\"messages\":[{\"from\":\"4918\",\"id\":\"m0\",\"timestamp\":\"1700000000\",\"type\":"
          "\"text\",\"text\":{\"body\":\"ho\"}},{\"from\":\"4919\",\"id\":\"m9\",\"timestamp\":\"1700000000\",\"type\":"
          "\"text\",\"text\":{\"body\":\"?\"}},"
          "{\"from\":\"4917\",\"id\":\"m1\",\"timestamp\":\"1700000000\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}},"
          "{\"from\":\"4917\",\"id\":\"m2\",\"timestamp\":\"1700000001\",\"type\":\"image\",\"image\":{\"id\":\"i9\"}},"
          "{\"from\":\"4917\",\"id\":7.5}]}},{\"value\":{\"statuses\":[{\"id\":\"o1\",\"status\":\"read\"},"
          "{\"id\":\"o2\",\"status\":\"flown\"}]}}]},{\"changes\":\"none\"}]}",
          "0 id=m0 from=+4918 name=Bo to=77 thread= text=ho media= at=1700000000000000 status= cursor= vis=\n"
          "0 id=m9 from=+4919 name= to=77 thread= text=? media= at=1700000000000000 status= cursor= vis=\n"
          "0 id=m1 from=+4917 name=Zo\xc3\xab to=77 thread= text=hi media= at=1700000000000000 status= cursor= vis=\n"
          "0 id=m2 from=+4917 name=Zo\xc3\xab to=77 thread= text= media=i9 at=1700000001000000 status= cursor= "
          "vis=\n"
          "3 id=o1 from= name= to= thread= text= media= at=0 status=read cursor= vis=\n",
          2);
}

Test(webhook_network, updates_of_a_bot_are_read, .timeout = 10)
{
    reads("bot_messenger",
          "{\"update_id\":5,\"message\":{\"message_id\":9,\"from\":{\"id\":42,\"first_name\":\"Ann\",\"last_name\":"
          "\"Lee\"},"
          "\"chat\":{\"id\":-42},\"date\":1700000000,\"text\":\"hello\"}}",
          "0 id=-42:9 from=-42 name=Ann Lee to= thread= text=hello media= at=1700000000000000 status= cursor= vis=\n",
          0);
    reads("bot_messenger",
          "{\"update_id\":6,\"edited_message\":{\"message_id\":9,\"chat\":{\"id\":-42},\"edit_date\":1700000009,"
          "\"text\":\"hullo\"}}",
          "1 id=-42:9 from=-42 name= to= thread= text=hullo media= at=1700000009000000 status= cursor= vis=\n", 0);
}

static void contents_write(void *self, const struct post *post)
{
    struct content_made made;
    content_make(post->content, &made);
    g_string_append_printf(self, "%s|%s|%s\n", made.of ? made.of : "", made.text, made.about ? made.about : "");
    content_made_clear(&made);
}

static void consists(const char *name, const char *body, const char *contents)
{
    struct network *network = network_named(name);
    GString *all = g_string_new(NULL);
    struct posts_count count;
    char why[200];
    cr_assert(network_posts(network, body, strlen(body), contents_write, all, &count, why, sizeof why), "%s", why);
    cr_expect_str_eq(all->str, contents, "%s", all->str);
    g_string_free(all, TRUE);
    network_free(network);
}

/* One message of the cloud messenger, of this type and with this member. */
#define CLOUD(message)                                                                                                 \
    "{\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"phone_number_id\":\"77\"},\"messages\":[{"                  \
    "\"from\":\"4917\",\"id\":\"m1\"," message "}]}}]}]}"

Test(webhook_network, what_a_message_consists_of_is_read, .timeout = 10)
{
    consists("cloud_messenger",
             CLOUD("\"type\":\"location\",\"location\":{\"latitude\":48.8799,\"longitude\":-2.355,\"name\":\"Gare\\ndu "
                   "Nord\",\"address\":\"Rue 1\"}"),
             "|Place: Gare du Nord, Rue 1 (48.8799, -2.355)|{\"address\":\"Rue 1\",\"latitude\":\"48.8799\","
             "\"longitude\":\"-2.355\",\"name\":\"Gare du Nord\"}\n");
    consists("cloud_messenger", CLOUD("\"type\":\"location\",\"location\":{\"latitude\":91,\"longitude\":1e300}"),
             "|Place|\n");
    consists(
        "cloud_messenger",
        CLOUD("\"type\":\"contacts\",\"contacts\":[{\"name\":{\"formatted_name\":\"Bo\"},\"phones\":[{\"phone\":\"+1\"}"
              "],\"emails\":[{\"email\":\"b@x\"}]}]"),
        "|Contact: Bo: +1\nBo: b@x|{\"lines\":[{\"name\":\"Bo\",\"value\":\"+1\"},{\"name\":\"Bo\",\"value\":"
        "\"b@x\"}]}\n");
    consists("cloud_messenger",
             CLOUD("\"type\":\"order\",\"order\":{\"product_items\":[{\"product_retailer_id\":\"tea\",\"quantity\":2,"
                   "\"item_price\":3.5,\"currency\":\"EUR\"},{\"product_retailer_id\":\"cup\",\"quantity\":\"1\","
                   "\"item_price\":10,\"currency\":\"EUR\"}]}"),
             "|Order:\n2 × tea at 3.5 EUR\n1 × cup at 10 EUR\nSum: 17.00 EUR|{\"currency\":\"EUR\",\"lines\":["
             "{\"count\":\"2\",\"currency\":\"EUR\",\"name\":\"tea\",\"price\":\"3.5\"},{\"count\":\"1\",\"currency\":"
             "\"EUR\",\"name\":\"cup\",\"price\":\"10\"}],\"sum\":\"17.00\"}\n");
    consists("cloud_messenger", CLOUD("\"type\":\"reaction\",\"reaction\":{\"message_id\":\"m0\",\"emoji\":\"!\"}"),
             "m0|Reaction to a message: !|{\"text\":\"!\"}\n");
    consists("cloud_messenger", CLOUD("\"type\":\"revoke\",\"revoke\":{\"original_message_id\":\"m0\"}"),
             "m0|The customer has taken back a message.|\n");
    consists("bot_messenger",
             "{\"update_id\":6,\"edited_message\":{\"message_id\":9,\"chat\":{\"id\":4},\"edit_date\":17,\"text\":"
             "\"hullo\"}}",
             "4:9|The customer has changed a message: hullo|{\"text\":\"hullo\"}\n");
    consists("bot_messenger", "{\"deleted_business_messages\":{\"chat\":{\"id\":4},\"message_ids\":[9,10]}}",
             "4:9|The customer has taken back a message.|\n4:10|The customer has taken back a message.|\n");
}

Test(webhook_network, a_sum_is_told_only_where_it_is_sure, .timeout = 10)
{
    static const char *const prices[][2] = {{"0.1", "0.10"},
                                            {"99999999.99", "99999999.99"},
                                            {"-1", NULL},
                                            {"1e3", NULL},
                                            {"1.2.3", NULL},
                                            {"", NULL},
                                            {".5", NULL},
                                            {"100000001", NULL},
                                            {"0.0000019", "0.000001"},
                                            {"1.0000000000000000000000", "1.00"},
                                            {"1.00000000000000000000000", NULL},
                                            {"99999999999999999999", NULL}};
    for (unsigned i = 0; i < sizeof prices / sizeof *prices; i++) {
        struct said_content order = {
            .kind = message_kind_order, .count = 1, .lines = {{.name = "x", .price = prices[i][0]}}};
        struct content_made made;
        content_make(&order, &made);
        const char *sum = strstr(made.text, "Sum: ");
        if (prices[i][1])
            cr_expect_str_eq(sum ? sum + 5 : "", prices[i][1], "%s", prices[i][0]);
        else
            cr_expect_null(sum, "%s: %s", prices[i][0], made.text);
        content_made_clear(&made);
    }
    struct said_content two = {.kind = message_kind_order,
                               .count = 2,
                               .lines = {{.price = "1", .currency = "EUR"}, {.price = "1", .currency = "USD"}}};
    struct content_made made;
    content_make(&two, &made);
    cr_expect_null(strstr(made.text, "Sum"), "two currencies");
    content_made_clear(&made);
}

/* Halves of characters, bytes that are no UTF-8, zeros, numbers without end, a member twice, a byte order mark. */
Test(webhook_network, odd_characters_of_one_customer_cost_no_message, .timeout = 10)
{
    reads("text_json",
          "\xef\xbb\xbf{\"type\":\"message.received\",\"n\":99999999999999999999,\"x\":1e999,\"x\":-2.5,\"data\":{"
          "\"id\":\"m1\","
          "\"from\":\"+49\",\"to\":\"1\",\"text\":\"a\\ud83d \\udc00 \xff \\u0000 \\ud83d\\ude00 \\\\u0041\tb\"}}",
          "0 id=m1 from=+49 name= to=1 thread= text=a\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd "
          "\xf0\x9f\x98\x80 "
          "\\u0041 b media= at=0 status= cursor= vis=\n",
          0);
}

/* What follows the first half looks like the second one and is no escape. */
Test(webhook_network, half_a_character_before_letters_costs_no_message, .timeout = 10)
{
    reads("text_json",
          "{\"type\":\"message.received\",\"data\":{\"id\":\"m1\",\"from\":\"+49\",\"to\":\"1\",\"text\":\"\\ud83d_"
          "udc00\"}}",
          "0 id=m1 from=+49 name= to=1 thread= text=\xef\xbf\xbd_udc00 media= at=0 status= cursor= vis=\n", 0);
}

static const char *value_of(void *self, const char *name);

static const char *to_alone(void *self, const char *name)
{
    (void)self;
    return strcmp(name, "to") == 0 ? "+4917" : NULL;
}

Test(webhook_network, forms_of_a_provider_are_read_and_written, .timeout = 10)
{
    reads("text_form", "MessageSid=SM1&From=%2B331&To=%2B337&Body=a+%26+b%3D1&Body=again&Odd=%00&&x",
          "0 id=SM1 from=+331 name= to=+337 thread= text=a & b=1 media= at=0 status= cursor= vis=\n", 0);
    reads("text_form", "MessageSid=o1&MessageStatus=undelivered",
          "3 id=o1 from= name= to= thread= text= media= at=0 status=failed cursor= vis=\n", 0);
    reads("text_form", "MessageSid=SM1&From=%2B331&Body=a&MessageStatus=",
          "0 id=SM1 from=+331 name= to= thread= text=a media= at=0 status= cursor= vis=\n", 0);
    reads("text_form", "MessageSid=SM1&From=%2B331&To=%2B337&Body=a%00b+%00",
          "0 id=SM1 from=+331 name= to=+337 thread= text=ab  media= at=0 status= cursor= vis=\n", 0);
    reads("text_form", "MessageSid=S%00M1&From=%2B331&To=%2B337&Body=a", "", 1);
    reads("text_form", "Odd=1", "", 1);
    struct network *network = network_named("text_form");
    char *body = network_form(network->write.body, value_of, NULL);
    cr_expect_str_eq(body, "To=%2B49%2217&Body=a%20%22quoted%22%0Aline%20%7Bto%7D", "%s", body);
    free(body);
    body = network_form(network->write.body, to_alone, NULL);
    cr_expect_str_eq(body, "To=%2B4917", "a field without its value is left out: %s", body);
    free(body);
    network_free(network);
}

Test(webhook_network, notifications_of_a_microblog_are_read, .timeout = 10)
{
    reads("microblog",
          "[{\"id\":\"31\",\"type\":\"mention\",\"account\":{\"acct\":\"ann@example.org\",\"display_name\":\"Ann\"},"
          "\"status\":{\"id\":\"900\",\"content\":\"<p>Hi</"
          "p>\",\"visibility\":\"direct\",\"created_at\":\"2023-11-14T22:13:20.000Z\"}},"
          "{\"id\":\"32\",\"type\":\"follow\",\"account\":{\"acct\":\"bob\"}}]",
          "0 id=900 from=ann@example.org name=Ann to= thread=900 text=Hi media= at=1700000000000000 status= "
          "cursor=31 vis=direct\n",
          1);
}

Test(webhook_network, a_list_whose_first_is_the_newest_is_read_from_its_end, .timeout = 10)
{
    reads("microblog",
          "[{\"id\":\"32\",\"type\":\"mention\",\"account\":{\"acct\":\"b\"},\"status\":{\"id\":\"2\",\"content\":"
          "\"two\"}},"
          "{\"id\":\"31\",\"type\":\"mention\",\"account\":{\"acct\":\"b\"},\"status\":{\"id\":\"1\",\"content\":"
          "\"one\"}}]",
          "0 id=1 from=b name=b to= thread=1 text=one media= at=0 status= cursor=31 vis=\n"
          "0 id=2 from=b name=b to= thread=2 text=two media= at=0 status= cursor=32 vis=\n",
          0);
}

Test(webhook_network, a_network_says_how_long_it_wants_us_to_wait, .timeout = 10)
{
    struct network *network = network_named("bot_messenger");
    GString *answer =
        g_string_new("{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 7\","
                     "\"parameters\":{\"retry_after\":7}}");
    char *wait = network_answer(network->write.wait, answer);
    cr_expect_str_eq(wait, "7");
    cr_expect_null(network_answer(network->write.id, answer));
    cr_expect_null(network_answer(NULL, answer));
    struct webhook_outgoing outgoing = {.answer = answer};
    cr_expect_eq(outgoing_asked_wait(&outgoing, &network->write), 7);
    outgoing.after_s = 5;
    cr_expect_eq(outgoing_asked_wait(&outgoing, &network->write), 5, "the header comes first");
    outgoing =
        (struct webhook_outgoing){.answer = g_string_new("{\"parameters\":{\"retry_after\":18446744073709551615}}")};
    cr_expect_eq(outgoing_asked_wait(&outgoing, &network->write), WAIT_MOST_S);
    g_string_free(outgoing.answer, TRUE);
    g_string_truncate(answer, 20);
    cr_expect_null(network_answer(network->write.wait, answer));
    g_free(wait);
    g_string_free(answer, TRUE);
    network_free(network);
}

static const char *value_of(void *self, const char *name)
{
    (void)self;
    static const char *const values[][2] = {
        {"base", "https://api.example/v1"},  {"account", "7/7"}, {"token", "s3"},         {"to", "+49\"17"},
        {"text", "a \"quoted\"\nline {to}"}, {"id", "k-1"},      {"visibility", "direct"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i][0], name) == 0) return values[i][1];
    return NULL;
}

Test(webhook_network, a_message_is_written, .timeout = 10)
{
    struct network *network = network_named("cloud_messenger");
    char *body = network_body(network->write.body, value_of, NULL),
         *url = network_line(network->write.url, true, value_of, NULL);
    cr_expect_str_eq(url, "https://api.example/v1/7%2F7/messages");
    cr_expect_str_eq(
        body,
        "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"+49\\\"17\",\"type\":\"text\","
        "\"text\":{\"body\":\"a \\\"quoted\\\"\\nline {to}\"}}");
    free(body), g_free(url);
    network_free(network);
    network = network_named("microblog");
    body = network_body(network->write.body, value_of, NULL);
    cr_expect_str_eq(body, "{\"status\":\"@+49\\\"17 a \\\"quoted\\\"\\nline {to}\",\"visibility\":\"direct\"}",
                     "no thread is named");
    free(body);
    cr_expect_null(network_line("X: {text}", false, value_of, NULL), "a text of two lines is no header");
    network_free(network);
}

static const char *template_value(void *self, const char *name)
{
    (void)self;
    return strcmp(name, "to") == 0         ? "+4917"
           : strcmp(name, "template") == 0 ? "parcel"
           : strcmp(name, "language") == 0 ? "en"
           : strcmp(name, "value.1") == 0  ? "Anna"
                                           : NULL;
}

static const char *no_value(void *self, const char *name)
{
    return strncmp(name, "value", 5) == 0 ? NULL : template_value(self, name);
}

Test(webhook_network, a_template_has_the_values_that_there_are, .timeout = 10)
{
    struct network *network = network_named("cloud_messenger");
    char *body = network_body(network->write.template, template_value, NULL);
    cr_expect_not_null(strstr(body, "\"template\":{\"name\":\"parcel\",\"language\":{\"code\":\"en\"},\"components\":[{"
                                    "\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"Anna\"}]}]}"),
                       "%s", body);
    free(body);
    body = network_body(network->write.template, no_value, NULL);
    cr_expect_not_null(strstr(body, "\"template\":{\"name\":\"parcel\",\"language\":{\"code\":\"en\"}}"), "%s", body);
    free(body);
    network_free(network);
}

/* The values with a bar between them; "-": it does not read so. */
static const char *template_values(const char *written, const char *text)
{
    static char all[256];
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    bool good = template_reads(span_of(written), text, values);
    g_strlcpy(all, good ? "" : "-", sizeof all);
    for (guint i = 0; good && i < values->len; i++) {
        if (i > 0) g_strlcat(all, "|", sizeof all);
        g_strlcat(all, values->pdata[i], sizeof all);
    }
    g_ptr_array_unref(values);
    return all;
}

Test(webhook_network, a_text_is_a_template_with_all_fields_filled_in, .timeout = 10)
{
    static const char written[] = "Dear {contact.name}, parcel {1} comes {2}.";
    cr_expect_str_eq(template_values(written, "Dear Anna, parcel 17 comes at 10."), "Anna|17|at 10");
    cr_expect_str_eq(template_values(written, "Dear Anna, parcel 17 comes ."), "-");
    cr_expect_str_eq(template_values(written, "Dear Anna, parcel {1} comes at 10."), "-", "a field is left");
    cr_expect_str_eq(template_values(written, "Dear Anna, parcel 17 comes at 10. Bye"), "-");
    cr_expect_str_eq(template_values(written, "dear Anna, parcel 17 comes at 10."), "-");
    cr_expect_str_eq(template_values("We are open.", "We are open."), "");
    cr_expect_str_eq(template_values("We are open.", "We are open. Buy!"), "-");
    cr_expect_str_eq(template_values("{1}", "anything"), "anything");
    cr_expect_str_eq(template_values("{1}{2}", "anything"), "-", "nobody knows where the first one ends");
    cr_expect_str_eq(template_values("", "x"), "-");
}

Test(webhook_network, what_is_wrong_in_a_file_is_told, .timeout = 10)
{
    static const char *const wrong[][2] = {
        {"[", "line 1"},
        {"[]", "object"},
        {"{}", "network"},
        {"{\"network\":\"x\",\"colour\":1}", "colour"},
        {"{\"network\":\"x\",\"reads\":[]}", "reads"},
        {"{\"network\":\"x\",\"verify\":{\"digest\":\"md5\",\"header\":\"h\"}}", "verify.digest"},
        {"{\"network\":\"x\",\"verify\":{\"digest\":\"sha1\",\"header\":\"h\",\"signs\":\"{body\"}}", "signs"},
        {"{\"network\":\"x\",\"reads\":[{\"kind\":\"message\",\"each\":\"/a\",\"id\":\"{0/id}\"}]}", "from"},
        {"{\"network\":\"x\",\"reads\":[{\"kind\":\"message\",\"each\":\"/a\",\"id\":\"{}\",\"from\":\"{0/f}\"}]}",
         "id"},
        {"{\"network\":\"x\",\"reads\":[{\"kind\":\"message\",\"each\":\"/a\",\"id\":\"{0/id}\",\"from\":\"{0/f}\"}]}",
         "verify"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char why[256] = "";
        struct network *network = network_read_text(wrong[i][0], why, sizeof why);
        cr_expect_null(network, "%s", wrong[i][0]);
        cr_expect(strstr(why, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], why);
        network_free(network);
    }
}

/* The file of a network that is good, with one text of it changed. Why it is refused; "": it is taken. */
static const char *why_of(const char *old, const char *now)
{
    static const char good[] =
        "{\"network\": \"x\",\n"
        " \"verify\": {\"digest\": \"sha256\", \"header\": \"X-Sign\", \"signs\": \"{X-At}.{body}\", \"stamp\": "
        "\"X-At\"},\n"
        " \"reads\": [\n"
        "  {\"kind\": \"message\", \"each\": \"/all/*\", \"id\": \"{0/id}\", \"from\": \"{2/from}\", \"when\": "
        "\"0/t\"},\n"
        "  {\"kind\": \"status\", \"each\": \"\", \"id\": \"{0/id}\",\n"
        "   \"status\": \"{0/s}\", \"states\": {\"read\": \"delivered\"}}],\n"
        " \"write\": {\"url\": \"{base}/send\", \"method\": \"PUT\",\n"
        "  \"headers\": [\"Key: {id}\"],\n"
        "  \"body\": {\"to\": \"{to}\", \"all\": [\"{text}\"]}, \"repeatable\": true, \"id\": \"/id\"}}";
    static char why[300];
    const char *at = strstr(good, old);
    cr_assert_not_null(at, "%s", old);
    char *text = g_strdup_printf("%.*s%s%s", (int)(at - good), good, now, at + strlen(old));
    *why = '\0';
    struct network *network = network_read_text(text, why, sizeof why);
    if (network) cr_expect_eq(network->text_max, LIMIT_webhook_TEXT); /* it says no other */
    network_free(network);
    g_free(text);
    return why;
}

Test(webhook_network, what_cannot_work_is_refused_with_its_line_and_cure, .timeout = 10)
{
    static const char *const wrong[][3] = {
        {"{X-At}.{body}", "{X-At}.{url}", "line 2: verify.signs: it signs nothing"},
        {"{X-At}.{body}", "{body}", "line 2: verify.stamp: `signs` does not sign it"},
        {"{X-At}.{body}", "{X-At}.{form}", "line 2: verify.signs: {form}"},
        {"{X-At}.{body}", "{X-At}.{body}{X At}", "line 2: verify.signs: a place"},
        {"sha256", "none", "line 2: verify.signs: a secret signs nothing"},
        {"X-Sign", "X Sign", "line 2: verify.header: it is no name of a header"},
        {"/all/*", "all", "line 4: reads.each: it is a path"},
        {"{2/from}", "{3/from}", "line 4: reads.from: a place is {STEPS/PATH}"},
        {"{2/from}", "{from}", "line 4: reads.from: a place is {STEPS/PATH}"},
        {"\"0/t\"", "\"t\"", "line 4: reads.when: it is a pointer"},
        {"\"when\": \"0/t\"", "\"is\": \"t\"", "line 4: reads.is: it is the value of `when`"},
        {"\"status\": \"{0/s}\", ", "", "line 5: reads.status: it is missing"},
        {"{\"read\": \"delivered\"}", "{\"read\": \"seen\"}",
         "line 6: reads.read: it is accepted, delivered, read or failed"},
        {"{\"read\": \"delivered\"}", "{}", "line 6: reads.states: the network's words"},
        {"{base}/send", "/send", "line 7: write.url: it begins with {base}"},
        {"{base}/send", "{base}/{colour}", "line 7: write.url: a place names no value"},
        {"PUT", "FETCH", "line 7: write.method: POST, PUT or PATCH"},
        {"Key: {id}", "Key {id}", "line 8: write.headers: each is"},
        {"Key: {id}", "Key: {value.1}", "line 8: write.headers: each is"},
        {"Key: {id}", "Key: x", "line 9: write.repeatable: the network is not told"},
        {"\"{text}\"", "\"x\"", "line 9: write.body: nothing is written"},
        {"\"{to}\"", "\"{whom}\"", "line 9: write.body: a value whose texts have places"},
        {"[\"{text}\"]", "[\"{text}\", \"{whom}\"]", "line 9: write.body: a value whose texts have places"},
        {"\"/id\"", "\"id\"", "line 9: write.id: it is a path in the answer"},
        {"\"id\": \"/id\"", "\"marks\": \"{text}\", \"id\": \"/id\"", "line 9: write.marks: an object whose texts"},
        {"\"id\": \"/id\"", "\"marks\": {\"a\": \"{whom}{text}\"}, \"id\": \"/id\"",
         "write.marks: an object whose texts"},
        {"\"id\": \"/id\"", "\"marks\": {\"a\": \"x\"}, \"id\": \"/id\"", "write.marks: an object whose texts"},
        {"\"id\": \"/id\"", "\"form\": true, \"marks\": {\"a\": \"{text}\"}, \"id\": \"/id\"",
         "write.marks: a form has no"},
        {"\"body\": {\"to\"", "\"marks\": {\"a\": \"{text}\"}, \"body\": {\"b\": \"{id}\", \"to\"",
         "write.marks: the body has {id}"},
        {", \"id\": \"/id\"", "", "write.id: it is missing, and a status"},
    };
    cr_expect_str_empty(why_of("PUT", "POST"));
    cr_expect_str_empty(why_of("\"id\": \"/id\"", "\"marks\": {\"a\": [\"{text}\"]}, \"id\": \"/id\""));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *why = why_of(wrong[i][0], wrong[i][1]);
        cr_expect(strstr(why, wrong[i][2]) != NULL, "%s for %s: %s", wrong[i][1], wrong[i][0], why);
    }
}

Test(webhook_network, a_path_has_less_steps_than_a_walk_has_room_for, .timeout = 10)
{
    GString *path = g_string_new("");
    unsigned depth = 0;
    for (unsigned i = 1; i < PICK_DEPTH; i++) g_string_append(path, "/a");
    cr_expect(pick_path_is_good(path->str, &depth));
    cr_expect_eq(depth, PICK_DEPTH - 1);
    g_string_append(path, "/a");
    cr_expect_not(pick_path_is_good(path->str, &depth));
    g_string_free(path, TRUE);
}

Test(webhook_network, long_numbers_of_an_answer_are_masked_and_no_more, .timeout = 10)
{
    GString answer = {.str = (char *)"(#131030) to +491701234567: 12345\n(1234567)"};
    struct webhook_outgoing outgoing = {.status = 400, .why = "", .answer = &answer};
    char words[OUTGOING_WORDS];
    outgoing_words(&outgoing, words, sizeof words);
    cr_expect_str_eq(words, "400 (#131030) to +************: 12345 (*******)");
}

Test(webhook_network, places_have_an_end, .timeout = 10)
{
    static const char *const good[] = {"", "a", "{a}", "{{", "x{a}y{{z{b}"}, *const bad[] = {"{",  "{}", "}",
                                                                                             "{a", "a}", "{a{b}}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) cr_expect(pick_is_good(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) cr_expect_not(pick_is_good(bad[i]), "%s", bad[i]);
    char *longest = g_strdup_printf("{%0255d}", 0), *longer = g_strdup_printf("{%0256d}", 0);
    cr_expect(pick_is_good(longest));
    cr_expect_not(pick_is_good(longer));
    g_free(longest), g_free(longer);
}

Test(webhook_network, a_tilde_of_a_pointer_is_itself_unless_it_escapes, .timeout = 10)
{
    json_t *document = json_pack("{s:i,s:i,s:i}", "a~2", 1, "a/", 2, "a~", 3);
    const struct trail trail = {{document}, 1};
    cr_expect_eq(json_integer_value(pick_value(&trail, "0/a~2")), 1);
    cr_expect_eq(json_integer_value(pick_value(&trail, "0/a~1")), 2);
    cr_expect_eq(json_integer_value(pick_value(&trail, "0/a~0")), 3);
    json_decref(document);
}

static enum host fetched_from(const char *text)
{
    static const char *const own[] = {"own.example", NULL}, *const named[] = {"cdn.example", NULL};
    struct webhook_hosts hosts = {"http://10.1.1.1:8080/v1", own, named, "one.example, two.example"};
    enum host host = HOST_BASE;
    CURLU *url = hosts_address(&hosts, text, &host);
    cr_expect_eq(url != NULL, host != HOST_NONE);
    curl_url_cleanup(url);
    return host;
}

Test(webhook_network, files_come_from_named_hosts, .timeout = 10)
{
    static const char *const refused[] = {"",
                                          "file:///etc/passwd",
                                          "//cdn.example/a",
                                          "http://cdn.example/a",
                                          "https://cdn.example:8443/a",
                                          "https://cdn.example.evil.example/a",
                                          "https://evil.example/https://cdn.example/a",
                                          "https://cdn.example@evil.example/a",
                                          "https://me:pass@cdn.example/a",
                                          "https://cdn.example\\@evil.example/a",
                                          "https://cdn.example\n.evil.example/a",
                                          "https://10.1.1.1:8080/a",
                                          "http://10.1.1.1/a",
                                          "http://169.254.169.254/latest/meta-data",
                                          "https://localhost/a",
                                          "gopher://cdn.example/a",
                                          "https:///a"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_expect_eq(fetched_from(refused[i]), HOST_NONE, "%s", refused[i]);
    cr_expect_eq(fetched_from("http://10.1.1.1:8080/media/a"), HOST_BASE);
    cr_expect_eq(fetched_from("https://cdn.example/a?b=c"), HOST_NAMED);
    cr_expect_eq(fetched_from("https://CDN.example:443/a"), HOST_NAMED);
    cr_expect_eq(fetched_from("https://two.example/a"), HOST_NAMED);
    cr_expect_eq(fetched_from("https://own.example/a"), HOST_OWN);
    cr_expect_eq(fetched_from("http://own.example/a"), HOST_NONE);
}

static bool is_public(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) return hosts_is_public((struct sockaddr *)&four);
    cr_assert_eq(inet_pton(AF_INET6, text, &six.sin6_addr), 1, "%s", text);
    return hosts_is_public((struct sockaddr *)&six);
}

Test(webhook_network, a_named_host_with_an_address_of_our_own_networks_is_not_asked, .timeout = 10)
{
    static const char *const own[] = {"127.0.0.1",
                                      "127.255.255.255",
                                      "0.0.0.0",
                                      "10.0.0.1",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.168.1.1",
                                      "169.254.169.254",
                                      "100.64.0.1",
                                      "224.0.0.1",
                                      "255.255.255.255",
                                      "::1",
                                      "::",
                                      "fe80::1",
                                      "fc00::1",
                                      "fd12::1",
                                      "::ffff:10.0.0.1",
                                      "64:ff9b::a00:1",
                                      "2002:a00:1::1",
                                      "ff02::1",
                                      "2001:db8::1",
                                      "198.18.0.1",
                                      "2001:0:a00:1::1"},
                             *const others[] = {"8.8.8.8",     "172.15.0.1",   "172.32.0.1",
                                                "100.128.0.1", "2a00:1450::1", "2001:4860:4860::8888"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) cr_expect_not(is_public(own[i]), "%s", own[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) cr_expect(is_public(others[i]), "%s", others[i]);
}

Test(webhook_network, how_files_are_fetched_is_checked, .timeout = 10)
{
    static const char *const wrong[][2] = {
        {"{\"find\": \"{base}/{media}\", \"url\": \"{base}\"}", "media.found: `find` asks"},
        {"{\"found\": \"/url\", \"url\": \"{found}\"}", "media.find: `find` asks"},
        {"{\"url\": \"{found}\"}", "media.url: {found} is"},
        {"{\"url\": \"{media}/x\"}", "media.url: it begins with {base}"},
        {"{\"url\": \"{base}/{text}\"}", "media.url: a place names no value"},
        {"{\"find\": \"{base}/{found}\", \"found\": \"/a\", \"url\": \"{found}\"}",
         "media.url: a place names no value"},
        {"{\"url\": \"{media}\", \"hosts\": [\"https://x\"]}", "media.hosts: each is"},
        {"{\"url\": \"{media}\", \"own_hosts\": \"x\"}", "media.own_hosts: a list"},
        {"{\"url\": \"{media}\", \"headers\": [\"A: {to}\"]}", "media.headers: each is"},
        {"{}", "media.url: it is missing"},
        {"[]", "media: it is an object"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *now = g_strdup_printf("\"media\": %s, \"write\"", wrong[i][0]);
        const char *why = why_of("\"write\"", now);
        cr_expect(strstr(why, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], why);
        g_free(now);
    }
    cr_expect_str_empty(
        why_of("\"write\"", "\"media\": {\"url\": \"{media}\", \"hosts\": [\"a.example\"]}, \"write\""));
}
