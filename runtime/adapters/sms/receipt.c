/* runtime/adapters/sms/receipt.c - Reads receipts, and compares the ids of messages.
 *
 *     id:0123456789 sub:001 dlvrd:001 submit date:2601021530 done date:2601021531 stat:DELIVRD err:000
 *
 * Providers write the same id in different forms: the answer to submit_sm has it in hexadecimal, the receipt in
 * decimal, or the other way round. The setting `ids` says which side uses which, and both ids are converted to one
 * form before they are compared. */
#include "runtime/adapters/sms/receipt.h"

#include <assert.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/pdu.h"

enum { NO_NUMBER = 256 };

static const struct {
    unsigned number;
    const char *word;
    enum receipt_state state;
} states[] = {
#define RECEIPT_STATE(number, word, state) {number, word, RECEIPT_##state},
#define RECEIPT_WORD(word, state)          {NO_NUMBER, word, RECEIPT_##state},
#include "runtime/adapters/sms/receipt_states.def"
};

enum { STATES = sizeof states / sizeof *states };

/* Writes the value of "name:VALUE" in the text, in any case, up to the next space. Empty: `name` is not there. */
static void receipt_value(const char *text, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    *value = 0;
    for (const char *at = text; *at; at++) {
        bool begins = at == text || at[-1] == ' ';
        if (!begins || g_ascii_strncasecmp(at, name, length) != 0 || at[length] != ':') continue;
        at += length + 1;
        while (*at == ' ') at++; /* some providers write "id: 123" */
        size_t count = strcspn(at, " \t\r\n");
        if (count < size) memcpy(value, at, count), value[count] = 0;
        return;
    }
}

static bool receipt_by_text(const struct pdu *pdu, struct receipt *receipt)
{
    GString *text = g_string_new(NULL);
    struct alphabet how = {.coding = pdu->coding == CODING_UCS2 ? CODING_UCS2 : CODING_LATIN1}; /* the text is ASCII */
    alphabet_to_utf8(how, pdu->message.bytes, pdu->message.length, text);
    receipt_value(text->str, "id", receipt->id, sizeof receipt->id);
    receipt_value(text->str, "stat", receipt->word, sizeof receipt->word);
    receipt_value(text->str, "err", receipt->error, sizeof receipt->error);
    g_string_free(text, TRUE);
    for (unsigned i = 0; i < STATES; i++)
        if (g_ascii_strcasecmp(receipt->word, states[i].word) == 0) receipt->state = states[i].state;
    return *receipt->id && *receipt->word;
}

/* Is it a receipt, although its flag is missing? True if the text has all the fields of one, in order (SMPP 3.4,
 * appendix B), which no customer writes. */
static bool receipt_in_all_but_flag(const struct pdu *pdu)
{
    static const char *const fields[] = {"id:", " sub:", " dlvrd:", " submit date:", " done date:", " stat:"};
    char text[200];
    if (pdu->coding == CODING_UCS2 || pdu->esm_class & ESM_HEADER) return false;
    snprintf(text, sizeof text, "%.*s", (int)pdu->message.length, (const char *)pdu->message.bytes);
    const char *at = text;
    for (size_t i = 0; i < G_N_ELEMENTS(fields) && at; i++) {
        char *lower = g_ascii_strdown(at, -1), *found = strstr(lower, fields[i]);
        at = found && (i > 0 || found == lower) ? at + (found - lower) + strlen(fields[i]) : NULL;
        g_free(lower);
    }
    return at != NULL;
}

/* Reads a receipt; the optional fields count more than the text, as their form is fixed. */
bool sms_receipt_read(const struct pdu *pdu, struct receipt *receipt)
{
    *receipt = (struct receipt){.state = RECEIPT_NONE};
    bool flagged = pdu->esm_class & ESM_RECEIPT || (*pdu->receipted && pdu->state != 0);
    if (!flagged && !receipt_in_all_but_flag(pdu)) return false;
    receipt->unflagged = !flagged;
    bool told = receipt_by_text(pdu, receipt);
    if (*pdu->receipted) {
        snprintf(receipt->id, sizeof receipt->id, "%s", pdu->receipted);
        told |= pdu->state != 0;
    }
    for (unsigned i = 0; i < STATES && pdu->state != 0; i++)
        if (states[i].number == pdu->state) {
            receipt->state = states[i].state;
            snprintf(receipt->word, sizeof receipt->word, "%s", states[i].word);
        }
    return told && *receipt->id;
}

/* Writes the form in which two ids are compared: lower case, without leading zeros; `decimal`: the id is converted
 * to hexadecimal. */
static void receipt_id(const char *id, bool decimal, char form[RECEIPT_ID])
{
    assert(strlen(id) < RECEIPT_ID);
    size_t length = strlen(id);
    bool digits = length > 0 && length < 20 && strspn(id, "0123456789") == length;
    if (decimal && digits) {
        snprintf(form, RECEIPT_ID, "%llx", strtoull(id, NULL, 10));
        return;
    }
    while (id[0] == '0' && id[1]) id++;
    for (length = 0; id[length]; length++) form[length] = g_ascii_tolower(id[length]);
    form[length] = 0;
}

void receipt_id_answered(const char *id, enum receipt_ids ids, char form[RECEIPT_ID])
{
    receipt_id(id, ids == RECEIPT_IDS_DECIMAL, form);
}

void receipt_id_received(const char *id, enum receipt_ids ids, char form[RECEIPT_ID])
{
    receipt_id(id, ids == RECEIPT_IDS_HEX, form);
}
