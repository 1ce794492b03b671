/* tests/bench/parts.c - Long texts as short messages and back: parts COUNT. Each text becomes parts with their headers
 * in PDUs, which are written, read, and joined again. Prints how many parts a second are made, and how many joined:
 * first of GSM 03.38, then of UTF-16. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/adapters/sms/alphabet.h"
#include "runtime/adapters/sms/parts.h"
#include "runtime/adapters/sms/pdu.h"

enum { PIECES = 8 };

static const char *const sentences[] = {
    "Where is my parcel {42}? It was to come on Monday, and today is Thursday; nobody at home has seen it. ",
    "Где моя посылка? Она должна была прийти в понедельник, а сегодня четверг. "};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static unsigned split(const char *text, uint8_t pdus[PIECES][PDU_MAX], size_t lengths[PIECES])
{
    struct sms_parts parts;
    uint8_t bytes[300];
    if (!sms_parts_make(&parts, text, PARTS_UDH8) || parts.count > PIECES) abort();
    unsigned count = parts.count;
    for (unsigned n = 1; n <= count; n++) {
        struct pdu pdu = {
            .command = PDU_deliver_sm, .sequence = n, .from = {1, 1, "491701234501"}, .to = {1, 1, "4930123"}};
        sms_parts_put(&parts, n, PARTS_UDH8, 7, bytes, sizeof bytes, &pdu);
        lengths[n - 1] = pdu_write(&pdu, pdus[n - 1]);
    }
    sms_parts_free(&parts);
    return count;
}

static void join(uint8_t pdus[PIECES][PDU_MAX], const size_t lengths[PIECES], unsigned count, GString *text)
{
    g_string_truncate(text, 0);
    for (unsigned n = 0; n < count; n++) {
        struct pdu pdu;
        struct part_place place;
        struct span part;
        if (pdu_read(pdus[n], lengths[n], &pdu) != PDU_GOOD || !sms_parts_place(&pdu, &place, &part) ||
            place.n != n + 1 || place.total != count ||
            !alphabet_to_utf8((struct alphabet){.coding = pdu.coding}, part.bytes, part.length, text))
            abort();
    }
}

int main(int argc, char **argv)
{
    static uint8_t pdus[PIECES][PDU_MAX];
    size_t lengths[PIECES];
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 100000;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        GString *text = g_string_new(NULL), *joined = g_string_new(NULL);
        unsigned pieces = 0;
        for (int n = 0; n < 4; n++) g_string_append(text, sentences[i]);
        double began = seconds();
        for (unsigned n = 0; n < count; n++) pieces = split(text->str, pdus, lengths);
        double made = seconds();
        for (unsigned n = 0; n < count; n++) join(pdus, lengths, pieces, joined);
        double ended = seconds();
        if (pieces < 2 || strcmp(joined->str, text->str) != 0) abort();
        printf("%.0f %.0f\n", count * pieces / (made - began), count * pieces / (ended - made));
        g_string_free(text, TRUE), g_string_free(joined, TRUE);
    }
    return 0;
}
