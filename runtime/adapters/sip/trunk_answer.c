/* runtime/adapters/sip/trunk_answer.c - Finds what the last answer to a call means, by a table.
 *
 * The rows of that table are in trunk_answers.def. The first row whose range includes the status counts; the last
 * row is for all other statuses. */
#include "runtime/adapters/sip/trunk_answer.h"

#include <string.h>

#include "runtime/adapters/sip/ua/libre.h"
#include "runtime/vocabulary/message.h"

static const struct trunk_answer trunk_answers[] = {
#define TRUNK_ANSWER(first, last, whose, code, cause) {first, last, ANSWER_##whose, code_##code, cause_##cause},
#include "runtime/adapters/sip/trunk_answers.def"
};

const struct trunk_answer *trunk_answer_of(uint16_t status)
{
    const struct trunk_answer *row = trunk_answers;
    const struct trunk_answer *rest = &trunk_answers[sizeof trunk_answers / sizeof *trunk_answers - 1];
    while (row < rest && (status < row->first || status > row->last)) row++;
    return row;
}

static void trunk_answer_header(const struct sip_msg *answer, enum sip_hdrid which, char text[TRUNK_ANSWER_TEXT])
{
    const struct sip_hdr *header = sip_msg_hdr(answer, which);
    size_t length = strlen(text);
    if (header) (void)re_snprintf(text + length, TRUNK_ANSWER_TEXT - length, "; %r: %r", &header->name, &header->val);
}

void trunk_answer_words(const struct sip_msg *answer, char text[TRUNK_ANSWER_TEXT])
{
    *text = '\0';
    (void)re_snprintf(text, TRUNK_ANSWER_TEXT, "%u %r", answer->scode, &answer->reason);
    trunk_answer_header(answer, SIP_HDR_REASON, text);
    trunk_answer_header(answer, SIP_HDR_WARNING, text);
    /* masks numbers: the text may contain the number that was called */
    text[said_mask(span_of(text), (uint8_t *)text)] = '\0';
}
