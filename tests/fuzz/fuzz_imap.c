/* tests/fuzz/fuzz_imap.c - Any bytes as what an IMAP server says, in any pieces: lines without controls, mails within
 * their size, and numbers that are in the responses. The first byte: how large the pieces are. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/imap.h"
#include "tests/fuzz/fuzz.h"

enum { MAIL_MAX = 1000, FOUND_MAX = 10 };

static void look(struct imap_said *said)
{
    struct imap_mail mail;
    uint32_t uids[FOUND_MAX];
    size_t length = strlen(said->text);
    MUST(length <= IMAP_LINE_MAX && said->length <= MAIL_MAX);
    for (const char *c = said->text; *c; c++) MUST((unsigned char)*c >= 0x20 || *c == 1);
    if (imap_fetched(said, &mail)) {
        MUST(mail.uid > 0 && mail.tries <= IMAP_TRIES_MAX);
        MUST(!mail.quoted || (mail.quoted > said->text && mail.quoted + mail.quoted_length < said->text + length));
    }
    MUST(imap_found(said, uids, FOUND_MAX) <= FOUND_MAX);
    imap_number(said, "[UIDVALIDITY ");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 1) return 0;
    struct imap *imap = imap_new(MAIL_MAX);
    struct imap_said *said;
    size_t piece = bytes[0] + 1u;
    for (size_t at = 1; at < length; at += piece) {
        imap_feed(imap, (const char *)bytes + at, length - at < piece ? length - at : piece);
        while (imap_next(imap, &said)) look(said);
    }
    imap_free(imap);
    return 0;
}
