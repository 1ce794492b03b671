/* tests/fuzz/fuzz_dialogue.c - Any bytes as what a mail server says to us, in any pieces: every answer is a line of
 * SMTP, and a mail is within its size, has recipients, and is answered once for each (LMTP) or once.
 *
 * The first byte: SMTP or LMTP, mails answered at once or later; the second: how large the pieces are. */
#include <stdlib.h>
#include <string.h>

#include "runtime/mail/dialogue.h"
#include "tests/fuzz/fuzz.h"

enum { LMTP = 1, LATER = 2, BUSY = 4, SIZE = 1000 };

struct peer {
    struct dialogue *dialogue;
    unsigned how, answers;
};

static unsigned begins(void *self, const char *sender, size_t bytes)
{
    MUST(strlen(sender) <= DIALOGUE_LINE_MAX && bytes <= SIZE);
    return ((struct peer *)self)->how & BUSY && bytes % 2 == 1 ? 450 : 0;
}

static unsigned recipient(void *self, const char *address)
{
    (void)self;
    MUST(*address && strlen(address) <= DIALOGUE_LINE_MAX);
    return *address == 'x' ? 550 : 0;
}

static unsigned lines(const struct dialogue *dialogue)
{
    size_t length;
    const char *out = dialogue_output(dialogue, &length);
    unsigned found = 0;
    for (size_t at = 0; at < length; found++) {
        const char *end = memchr(out + at, '\n', length - at);
        MUST(end && end > out + at + 4 && end[-1] == '\r');
        for (unsigned i = 0; i < 3; i++) MUST(out[at + i] >= '0' && out[at + i] <= '9');
        at = (size_t)(end - out) + 1;
    }
    return found;
}

static void answer(struct peer *peer)
{
    unsigned before = lines(peer->dialogue);
    dialogue_done(peer->dialogue, 250, "2.0.0 ok");
    MUST(lines(peer->dialogue) - before == peer->answers && !dialogue_waits(peer->dialogue));
}

static void mail(void *self, const struct dialogue_mail *mail)
{
    struct peer *peer = self;
    MUST(mail->length <= SIZE && mail->count > 0 && mail->count <= DIALOGUE_RECIPIENTS_MAX && mail->sender);
    free(mail->bytes);
    peer->answers = peer->how & LMTP ? mail->count : 1;
    if (!(peer->how & LATER)) answer(peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 2) return 0;
    struct peer peer = {.how = bytes[0]};
    struct dialogue_setting setting = {bytes[0] & LMTP, "mx.example", SIZE};
    struct dialogue_calls calls = {&peer, begins, recipient, mail, NULL};
    peer.dialogue = dialogue_new(&setting, &calls);
    size_t piece = bytes[1] + 1u, at = 2;
    while (at < length && !dialogue_over(peer.dialogue)) {
        size_t some = length - at < piece ? length - at : piece;
        at += dialogue_feed(peer.dialogue, (const char *)bytes + at, some);
        MUST(dialogue_held(peer.dialogue) <= 16384);
        if (dialogue_waits(peer.dialogue)) answer(&peer);
    }
    lines(peer.dialogue);
    dialogue_free(peer.dialogue);
    return 0;
}
