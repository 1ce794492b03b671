/* runtime/adapters/sip/passing.c - Keeps headers of the INVITE that brought a call, and writes them into the INVITE
 * by which the call goes out again.
 *
 *     caller's INVITE: Max-Forwards 68, History-Info index=1
 *         -> kept in the talk: hops 68, lines, index "1"
 *     our INVITE:      Max-Forwards 67, History-Info index=1, index=1.1;mp=1
 *
 * This exchange answers one call and makes another, so if these headers were not copied, loops would not be noticed
 * and diversions not known. A header that has a line break inside is left out: it could add further headers. */
#include "runtime/adapters/sip/passing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/leg.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { HOPS = 70, INDEX_SIZE = 64 };

unsigned passing_hops(const struct sip_msg *invite)
{
    return pl_isset(&invite->maxfwd) ? pl_u32(&invite->maxfwd) : HOPS;
}

/* --- Loops --- */

/* Is this Via ours? The address of the Via is compared with the address that we bind and the one that we tell others; a
 * missing port counts as the standard port. */
static bool passing_via_is_ours(const struct sip_hdr *header, const struct sip_msg *invite, void *self)
{
    const struct sip_setting *setting = &((const struct exchange *)self)->setting;
    struct sip_via via;
    struct sa told = setting->told;
    (void)invite;
    sa_set_port(&told, sa_port(&setting->own));
    if (sip_via_decode(&via, &header->val) != 0) return false;
    if (sa_port(&via.addr) == 0) sa_set_port(&via.addr, SIP_PORT);
    return sa_cmp(&via.addr, &setting->own, SA_ALL) || sa_cmp(&via.addr, &told, SA_ALL);
}

/* Did the call begin at a telephone here: does a leg to the outside, whose caller is a telephone of ours, have the
 * Call-ID of this INVITE? Such a call is no loop: a call from a telephone of ours to the outside may come back by the
 * trunk to another number of ours. */
static bool passing_began_here(const struct exchange *exchange, const struct sip_msg *invite)
{
    for (const struct talk *talk = exchange->first; talk; talk = talk->next) {
        const struct leg *leg = talk->called;
        if (leg && leg->session && talk->caller && *talk->caller->dn &&
            pl_strcmp(&invite->callid, session_call_id(leg->session)) == 0)
            return true;
    }
    return false;
}

bool passing_loops(const struct exchange *exchange, const struct sip_msg *invite)
{
    return sip_msg_hdr_apply(invite, true, SIP_HDR_VIA, passing_via_is_ours, (void *)(uintptr_t)exchange) &&
           !passing_began_here(exchange, invite);
}

/* --- What the call brought --- */

struct passing_text {
    char *text;
    size_t size, length;
};

/* Appends a line; a line that does not fit is left out as a whole. */
__attribute__((format(printf, 2, 3))) static void passing_line(struct passing_text *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(out->text + out->length, out->size - out->length, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= out->size - out->length)
        out->text[out->length] = '\0';
    else
        out->length += (size_t)length;
}

static bool passing_keep(const struct sip_hdr *header, const struct sip_msg *invite, void *self)
{
    (void)invite;
    if (memchr(header->val.p, '\n', header->val.l) || memchr(header->val.p, '\r', header->val.l)) return false;
    passing_line(self, "%.*s: %.*s\r\n", (int)header->name.l, header->name.p, (int)header->val.l, header->val.p);
    return false;
}

/* Copies the index of an entry of History-Info; called for each entry in turn, so in the end the index is the last
 * entry's, under which our own entry is numbered; "": there is no entry. */
static bool passing_index(const struct sip_hdr *header, const struct sip_msg *invite, void *self)
{
    struct sip_addr address;
    struct pl index;
    char text[INDEX_SIZE];
    (void)invite;
    if (sip_addr_decode(&address, &header->val) == 0 && msg_param_decode(&address.params, "index", &index) == 0 &&
        index.l > 0 && pl_strcpy(&index, text, sizeof text) == 0 && text[strspn(text, "0123456789.")] == '\0')
        memcpy(self, text, sizeof text);
    return false;
}

/* Keeps the headers of the INVITE. If the INVITE has no History-Info, a first entry for the called number is added, so
 * that our own entry can be numbered under it. */
void passing_begin(struct talk *talk, const struct sip_msg *invite)
{
    static const enum sip_hdrid carried[] = {SIP_HDR_HISTORY_INFO, SIP_HDR_IDENTITY, SIP_HDR_REASON};
    char lines[PASSING_SIZE / 2], index[INDEX_SIZE] = "";
    struct passing_text out = {lines, sizeof lines, 0};
    *lines = '\0';
    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
        (void)sip_msg_hdr_apply(invite, true, carried[i], passing_keep, &out);
    (void)sip_msg_xhdr_apply(invite, true, "Diversion", passing_keep, &out);
    (void)sip_msg_hdr_apply(invite, true, SIP_HDR_HISTORY_INFO, passing_index, index);
    if (!*index) {
        char uri[128];
        if (pl_strcpy(&invite->ruri, uri, sizeof uri) == 0) passing_line(&out, "History-Info: <%s>;index=1\r\n", uri);
        snprintf(index, sizeof index, "1");
    }
    talk->passing.hops = passing_hops(invite);
    talk->passing.lines = memory_text(lines);
    talk->passing.index = memory_text(index);
}

/* Copies the headers of the main call to the consultation, which gets the smaller count of hops of the two: a chain
 * of consultations must end, too. */
void passing_follow(struct talk *talk, const struct talk *main, const struct sip_msg *invite)
{
    unsigned own = invite ? passing_hops(invite) : HOPS, its = main ? main->passing.hops : 0;
    talk->passing.hops = its > 0 && its < own ? its : own;
    if (!main || !main->passing.lines) return;
    talk->passing.lines = memory_text(main->passing.lines);
    talk->passing.index = memory_text(main->passing.index);
}

/* --- What goes out with the call --- */

static void passing_entry(const struct talk *talk, struct passing_text *out, const char *to)
{
    passing_line(out, "History-Info: <%s>;index=%s.1;mp=%s\r\n", to, talk->passing.index, talk->passing.index);
}

void passing_put(const struct talk *talk, const char *to, char lines[PASSING_SIZE])
{
    struct passing_text out = {lines, PASSING_SIZE, 0};
    *lines = '\0';
    if (!talk->passing.lines) return;
    passing_line(&out, "%s", talk->passing.lines);
    passing_entry(talk, &out, to);
}

void passing_history(const struct talk *talk, const char *to, char lines[PASSING_SIZE])
{
    struct passing_text out = {lines, PASSING_SIZE, 0};
    *lines = '\0';
    if (!talk->passing.lines) return;
    for (const char *line = talk->passing.lines; *line;) {
        const char *end = strchr(line, '\n');
        if (!end) break;
        if (strncasecmp(line, "History-Info", 12) == 0) passing_line(&out, "%.*s", (int)(end + 1 - line), line);
        line = end + 1;
    }
    passing_entry(talk, &out, to);
}
