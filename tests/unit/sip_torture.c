/* tests/unit/sip_torture.c - Messages that torture a parser: each has the judgement that RFC 4475 asks for, and what is
 * taken is cut and marked as libre needs it. sip_torture.txt has them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/validate.h"
#include "base/file.h"

TestSuite(sip_torture, .timeout = 20);

enum { MESSAGE_MAX = 65536 };

static char message[MESSAGE_MAX];
static size_t message_length;
static struct validated judged;

static void store_message_put(const char *bytes, size_t length)
{
    cr_assert_lt(message_length + length, sizeof message);
    memcpy(message + message_length, bytes, length);
    message_length += length;
}

static void message_add_line(const char *line)
{
    for (; *line; line++) {
        if (line[0] == '\\' && line[1] == 'x') {
            char byte = (char)strtol((char[]){line[2], line[3], '\0'}, NULL, 16);
            store_message_put(&byte, 1);
            line += 3;
        } else if (strncmp(line, "{host}", 6) == 0) {
            store_message_put("192.0.2.9:5062", 14);
            line += 5;
        } else {
            store_message_put(line, 1);
        }
    }
    store_message_put("\r\n", 2);
}

/* The message of that name, and the judgement that the file has for it. */
static void message_read(char *file, const char *name, char wanted[16])
{
    bool within = false;
    message_length = 0;
    for (char *line; (line = strsep(&file, "\n"));) {
        char found[64], judgement[16];
        if (strncmp(line, "=== ", 4) == 0) {
            cr_assert_eq(sscanf(line, "=== %63s %15s", found, judgement), 2, "%s", line);
            within = strcmp(found, name) == 0;
            if (within) strcpy(wanted, judgement);
        } else if (within && (file || *line)) {
            message_add_line(line);
        }
    }
}

static void judge(const char *name, char wanted[16])
{
    const char *top = getenv("top_srcdir"), *reason;
    char path[4096];
    size_t length;
    snprintf(path, sizeof path, "%s/tests/unit/sip_torture.txt", top ? top : ".");
    char *file = file_read(path, 1 << 20, &length, &reason);
    cr_assert(file, "%s: %s", path, reason);
    message_read(file, name, wanted);
    free(file);
    char *copy = malloc(message_length + 1); /* the sanitizer sees who reads behind it */
    memcpy(copy, message, message_length);
    sip_validate(copy, message_length, &judged);
    free(copy);
    sip_validate(message, message_length, &judged);
}

static void judged_text(char text[16])
{
    if (judged.judged == JUDGED_REFUSE)
        snprintf(text, 16, "%u", judged.status);
    else
        strcpy(text, judged.judged == JUDGED_TAKE ? "take" : "drop");
}

Test(sip_torture, each_message_is_judged_as_rfc_4475_asks)
{
    const char *top = getenv("top_srcdir"), *reason;
    char path[4096], found[64], wanted[16] = "", text[16];
    size_t length;
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/tests/unit/sip_torture.txt", top ? top : ".");
    char *file = file_read(path, 1 << 20, &length, &reason), *rest = file;
    cr_assert(file, "%s: %s", path, reason);
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (sscanf(line, "=== %63s", found) != 1) continue;
        judge(found, wanted);
        judged_text(text);
        cr_expect_str_eq(text, wanted, "%s: %s instead of %s: %s", found, text, wanted, judged.phrase);
        count++;
    }
    cr_assert_gt(count, 50);
    free(file);
}

Test(sip_torture, what_follows_a_body_is_no_part_of_the_message)
{
    char wanted[16];
    judge("dblreq", wanted);
    cr_assert_eq(judged.begin, 0);
    const char *second = strstr(message, "INVITE sip:joe");
    cr_assert(second && message + judged.end == second);
}

Test(sip_torture, a_message_of_rfc_2543_gets_the_branch_of_its_ack)
{
    char wanted[16], of_invite[BRANCH_SIZE], of_ack[BRANCH_SIZE], of_next[BRANCH_SIZE];
    judge("inv2543", wanted);
    cr_assert(strncmp(message + judged.branch_at, "\r\nFrom:", 7) == 0);
    validate_branch(&judged, of_invite);
    cr_assert(strncmp(of_invite, ";branch=z9hG4bK2543", 19) == 0);
    memcpy(message, "ACK   ", 6);
    memcpy(strstr(message, "56 INVITE"), "56 ACK   ", 9);
    validate_branch(&judged, of_ack);
    cr_assert_str_eq(of_invite, of_ack);
    memcpy(strstr(message, "56 ACK"), "57 ACK", 6);
    validate_branch(&judged, of_next);
    cr_assert_str_neq(of_invite, of_next);
    judge("wsinv", wanted);
    cr_assert_eq(judged.branch_at, 0);
}

Test(sip_torture, a_refusal_has_what_the_sender_knows_it_by)
{
    char wanted[16], reply[4096];
    judge("multi01", wanted);
    size_t length = validate_reply(&judged, reply, sizeof reply);
    cr_assert(length > 0 && length == strlen(reply));
    cr_assert(strncmp(reply, "SIP/2.0 400 Bad Request\r\n", 25) == 0, "%s", reply);
    for (const char *const *line =
             (const char *const[]){"Via: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bKmulti01\r\n", "CSeq: 5 INVITE\r\n",
                                   "Call-ID: multi01.one\r\n", "\r\nContent-Length: 0\r\n\r\n", NULL};
         *line; line++)
        cr_assert(strstr(reply, *line), "%s: %s", *line, reply);
    cr_assert(!strstr(reply, "Contact"));
    cr_assert_eq(validate_reply(&judged, reply, 60), 0);
    struct validated answer;
    sip_validate(reply, length, &answer);
    cr_assert_neq(answer.judged, JUDGED_REFUSE, "an answer is never answered");
}

Test(sip_torture, an_answer_goes_where_the_via_says)
{
    static const struct {
        const char *via;
        unsigned port;
    } cases[] = {{"192.0.2.9:5062;branch=z9hG4bK1", 5062},
                 {"192.0.2.9;branch=z9hG4bK1", 5060},
                 {"192.0.2.9:5062;rport;branch=z9hG4bK1", 0},
                 {"[2001:db8::1]:5070;branch=z9hG4bK1", 5070},
                 {"192.0.2.9:99999", 5060},
                 {"host.example;x=\";rport\"", 5060}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(message, sizeof message, "OPTIONS urn:1 SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\n\r\n", cases[i].via);
        sip_validate(message, strlen(message), &judged);
        cr_expect_eq(judged.status, 416);
        cr_expect_eq(validate_reply_port(&judged), cases[i].port, "%s: %u", cases[i].via, validate_reply_port(&judged));
    }
}

Test(sip_torture, more_headers_than_anybody_needs_are_refused)
{
    size_t at = (size_t)snprintf(message, sizeof message, "OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n");
    for (unsigned i = 0; i < 1000; i++) at += (size_t)snprintf(message + at, sizeof message - at, "X-%u: 1\r\n", i);
    at += (size_t)snprintf(message + at, sizeof message - at, "\r\n");
    sip_validate(message, at, &judged);
    cr_assert_eq(judged.status, 400);
}

static bool same_target(const char *one, const char *other, bool host_only)
{
    return raw_same_target((struct raw_text){one, strlen(one)}, (struct raw_text){other, strlen(other)}, host_only);
}

/* The digest of a request is for the address that the request names. */
Test(sip_torture, two_uris_name_the_same_by_user_host_and_port)
{
    cr_assert(same_target("sip:110@site.example", "SIP:110@Site.Example:5070;transport=udp", false));
    cr_assert(same_target("sips:site.example?x", "sip:site.example", false));
    cr_assert(same_target("sip:a:b@[2001:db8::1]:5060", "sip:a:b@[2001:DB8::1]:5060;lr", false));
    cr_assert(same_target("sip:site.example", "sip:7001@site.example:5060", true));
    cr_assert_not(same_target("sip:site.example", "sip:7001@site.example:5060", false));
    cr_assert_not(same_target("sip:110@site.example", "sip:111@site.example", false));
    cr_assert_not(same_target("sip:110@site.example", "sip:1100@site.example", false));
    cr_assert_not(same_target("sip:110@site.example", "sip:110@site.example.org", true));
    cr_assert_not(same_target("sip:110@site.example:5060", "sip:110@site.example:5061", true));
    cr_assert_not(same_target("sip:110@[2001:db8::1]", "sip:110@[2001:db8::2]", false));
    cr_assert(raw_same_target((struct raw_text){"sip:a@[::1x", 10}, (struct raw_text){"sip:a@[::1y", 10}, false),
              "what stands behind it is none of it");
    cr_assert_not(same_target("tel:110", "sip:110", true));
    cr_assert_not(same_target("", "", true));
    cr_assert_not(same_target("sip:", "sip:", true));
}
