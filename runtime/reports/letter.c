/* runtime/reports/letter.c - Writes a report as an e-mail, for `sendmail -t`: the table as its text, and the CSV as a
 * file.
 *
 *     To, Subject, MIME-Version    the program that sends it adds From, Date and Message-ID
 *     text/plain                   the table for people
 *     text/csv                     service_level.csv
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/reports/show.h"
#include "base/memory.h"

enum { LETTER_LINE = 57, LETTER_ADDRESS_MAX = 254 }; /* 57 bytes are 76 characters */

#define BOUNDARY "=_gcx_report_=" /* no line of base64 has a _ */

bool report_address_good(const char *address)
{
    const char *at = strrchr(address, '@');
    size_t length = strlen(address);
    if (!at || at == address || at[1] == '\0' || length > LETTER_ADDRESS_MAX) return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)address[i] <= ' ' || address[i] == 0x7f || strchr("<>(),;:\\\"[]", address[i])) return false;
    return true;
}

static void letter_base64(FILE *file, const char *text, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t at = 0; at < length; at += 3) {
        size_t left = length - at;
        uint32_t word = (uint32_t)bytes[at] << 16 | (left > 1 ? (uint32_t)bytes[at + 1] << 8 : 0) |
                        (left > 2 ? (uint32_t)bytes[at + 2] : 0);
        if (at > 0 && at % LETTER_LINE == 0) putc('\n', file);
        putc(digits[word >> 18], file);
        putc(digits[word >> 12 & 63], file);
        putc(left > 1 ? digits[word >> 6 & 63] : '=', file);
        putc(left > 2 ? digits[word & 63] : '=', file);
    }
    putc('\n', file);
}

static void letter_part(FILE *file, const struct report_answer *answer, enum show_form form, const char *type,
                        const char *name)
{
    char *text;
    size_t length;
    FILE *stream = memory_stream(&text, &length);
    report_show(stream, answer, form);
    fclose(stream);
    fprintf(file, "\n--" BOUNDARY "\nContent-Type: %s; charset=utf-8\nContent-Transfer-Encoding: base64\n", type);
    if (name) fprintf(file, "Content-Disposition: attachment; filename=\"%s.csv\"\n", name);
    putc('\n', file);
    letter_base64(file, text, length);
    free(text);
}

void report_letter(FILE *file, const struct report_answer *answer, const char *address)
{
    char from[PERIOD_LABEL], to[PERIOD_LABEL];
    period_label(PERIOD_day, answer->periods->from, from);
    period_label(PERIOD_day, answer->periods->to - 1, to);
    fprintf(file,
            "To: %s\nSubject: %s, %s to %s\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\n",
            address, answer->report->name, from, to);
    letter_part(file, answer, SHOW_table, "text/plain", NULL);
    letter_part(file, answer, SHOW_csv, "text/csv", answer->report->name);
    fputs("\n--" BOUNDARY "--\n", file);
}
