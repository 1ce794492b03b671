/* tests/unit/email_imap.c - What IMAP servers say is read, however it comes in pieces and whatever is wrong with it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/imap.h"

TestSuite(email_imap, .timeout = 60);

/* All responses of the text, fed `step` bytes at a time, one a line: "LINE [MAIL]". */
static void read_all(const char *text, size_t step, size_t mail_max, char *out)
{
    struct imap *imap = imap_new(mail_max);
    struct imap_said *said;
    size_t length = strlen(text);
    out[0] = 0;
    for (size_t at = 0; at < length; at += step) {
        imap_feed(imap, text + at, at + step > length ? length - at : step);
        while (imap_next(imap, &said)) {
            strcat(out, said->text);
            if (said->mail) sprintf(out + strlen(out), " [%.*s]", (int)said->length, said->mail);
            strcat(out, "\n");
        }
    }
    imap_free(imap);
}

Test(email_imap, responses_come_in_pieces_of_any_size)
{
    static const char text[] = "* OK [UIDVALIDITY 7] it has {3}\r\n"
                               "* 1 FETCH (UID 5 BODY[] {13}\r\na)\r\n* 2 {3}\r\n FLAGS (\\Seen))\r\n"
                               "g1 OK done {5}\r\n* 2 FETCH (UID 6 BODY[] {0}\r\n)\n";
    static const char wanted[] =
        "* OK [UIDVALIDITY 7] it has {3}\n* 1 FETCH (UID 5 BODY[] \001 FLAGS (\\Seen)) [a)\r\n* 2 {3}\r\n]\n"
        "g1 OK done {5}\n* 2 FETCH (UID 6 BODY[] \001) []\n";
    char out[1000];
    for (size_t step = 1; step < sizeof text; step++) {
        read_all(text, step, 100, out);
        if (strcmp(out, wanted) != 0) cr_assert_fail("%zu: %s", step, out);
    }
}

Test(email_imap, a_mail_that_is_too_large_is_passed_over)
{
    char out[1000];
    read_all("* 1 FETCH (UID 5 BODY[] {12}\r\n123456789012 UID 6)\r\ng1 OK\r\n", 7, 11, out);
    cr_expect_str_eq(out, "* 1 FETCH (UID 5 BODY[] \001 UID 6)\ng1 OK\n");
}

static struct imap_mail fetched(const char *text, bool *good)
{
    struct imap_said said = {.text = text};
    struct imap_mail mail;
    *good = imap_fetched(&said, &mail);
    return mail;
}

Test(email_imap, fetch_has_its_items_in_any_order_and_others_among_them)
{
    bool good;
    struct imap_mail mail = fetched("* 12 FETCH (FLAGS (\\Seen gcx-try2 $x) X-GM-LABELS (\"a) UID 9\" (b)) MODSEQ (4) "
                                    "RFC822.SIZE 4294967296 UID 5 BODY[] \"a \\\"b\\\"\")",
                                    &good);
    cr_expect(good && mail.uid == 5 && mail.size == 4294967296 && mail.seen && mail.tries == 2 && mail.body);
    cr_expect_eq(strncmp(mail.quoted, "a \\\"b\\\"", mail.quoted_length), 0);
    static const char *const none[] = {"* 12 FETCH (FLAGS ())",
                                       "* 12 EXISTS",
                                       "g1 OK",
                                       "",
                                       "*",
                                       "* 1 FETCH (",
                                       "* 1 FETCH ((((",
                                       "* 1 FETCH (UID",
                                       "* 1 FETCH (BODY[] \"x",
                                       "* 1 FETCH (UID 0)"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        fetched(none[i], &good);
        cr_expect_not(good, "%s", none[i]);
    }
}

Test(email_imap, search_and_numbers)
{
    uint32_t uids[3];
    cr_expect_eq(imap_found(&(struct imap_said){.text = "* SEARCH 4 0 99999999999 5"}, uids, 3), 2);
    cr_expect(uids[0] == 4 && uids[1] == 5);
    cr_expect_eq(imap_found(&(struct imap_said){.text = "* SEARCH"}, uids, 3), 0);
    cr_expect_eq(imap_found(&(struct imap_said){.text = "* SEARCH 1 2 3 4"}, uids, 3), 3);
    cr_expect_eq(imap_found(&(struct imap_said){.text = "* 4 EXISTS"}, uids, 3), -1);
    cr_expect_eq(imap_number(&(struct imap_said){.text = "* OK [UIDVALIDITY 77]"}, "[UIDVALIDITY "), 77);
    cr_expect_eq(imap_number(&(struct imap_said){.text = "* OK"}, "[UIDVALIDITY "), 0);
}
