/* runtime/adapters/sip/body.c - Takes a body apart (RFC 2046), as deep as it may be nested.
 *
 *     multipart/mixed; boundary=x          the body of one INVITE
 *       |-- multipart/alternative; boundary=y
 *       |     '-- application/sdp          <- the description that is found
 *       '-- application/isup               passed over, unless its handling is "required"
 *
 * Nothing is copied: what is found points into the message. The depth is bounded, so a body that nests without end
 * cannot use up the stack. If the body has two descriptions, the first one counts. */
#include "runtime/adapters/sip/body.h"

#include <string.h>

enum { BODY_DEPTH = 3, BOUNDARY_MAX = 72 }; /* `--` and the boundary, which has at most 70 characters (RFC 2046) */

/* --- Values of headers --- */

/* `subtype` NULL: any subtype. Case does not matter (RFC 2045, 5.1). */
static bool body_type_is(struct raw_text value, const char *type, const char *subtype)
{
    struct raw_text said = raw_take_token(&value);
    raw_skip_blanks(&value);
    if (!raw_is(said, type) || !raw_take_character(&value, '/')) return false;
    raw_skip_blanks(&value);
    return !subtype || raw_is(raw_take_token(&value), subtype);
}

/* Finds a parameter of the value, without its quotation marks. False: the value has no parameter of that name. */
static bool body_param(struct raw_text value, const char *name, struct raw_text *param)
{
    while (value.length > 0 && *value.at != ';') value.at++, value.length--;
    while (raw_take_character(&value, ';')) {
        raw_skip_blanks(&value);
        struct raw_text word = raw_take_token(&value);
        raw_skip_blanks(&value);
        if (raw_take_character(&value, '=')) raw_skip_blanks(&value);
        struct raw_text begin = value;
        bool quoted = raw_take_quoted(&value);
        while (!quoted && value.length > 0 && *value.at != ';' && !raw_is_blank(*value.at)) value.at++, value.length--;
        *param = (struct raw_text){begin.at, begin.length - value.length};
        if (quoted) *param = (struct raw_text){param->at + 1, param->length - 2};
        if (raw_is(word, name)) return true;
        raw_skip_blanks(&value);
    }
    return false;
}

static bool body_handling(struct raw_text disposition, const char *how)
{
    struct raw_text said;
    return body_param(disposition, "handling", &said) && raw_is(said, how);
}

/* Is the part a session description of the call? The description of an early session (RFC 3959) does not count. */
static bool body_is_description(struct raw_text type, struct raw_text disposition)
{
    struct raw_text kind = raw_take_token(&disposition);
    return body_type_is(type, "application", "sdp") && (kind.length == 0 || raw_is(kind, "session"));
}

/* --- Parts --- */

/* The value of the part's header; empty: the part has no such header. */
static struct raw_text part_value(const struct raw *part, const char *name)
{
    for (unsigned i = 0; i < part->count; i++) {
        struct raw_text line = part->headers[i].line;
        if (raw_is(raw_take_token(&line), name)) return part->headers[i].value;
    }
    return (struct raw_text){"", 0};
}

/* Finds the next line with the boundary: where it begins, and whether it is the last one. False: there is none. */
static bool boundary_next(struct raw_text text, struct raw_text boundary, size_t *at, bool *last)
{
    for (size_t i = 0; i + 2 + boundary.length <= text.length; i++) {
        const char *line = text.at + i;
        bool begins = (i == 0 || line[-1] == '\n') && line[0] == '-' && line[1] == '-';
        if (!begins || memcmp(line + 2, boundary.at, boundary.length) != 0) continue;
        struct raw_text rest = {line + 2 + boundary.length, text.length - i - 2 - boundary.length};
        *last = rest.length >= 2 && rest.at[0] == '-' && rest.at[1] == '-';
        while (rest.length > 0 && (*rest.at == ' ' || *rest.at == '\t')) rest.at++, rest.length--;
        if (!*last && rest.length > 0 && *rest.at != '\r' && *rest.at != '\n') continue; /* a longer word */
        *at = i;
        return true;
    }
    return false;
}

static enum body_kind body_read_at(unsigned depth, struct raw_text type, struct raw_text disposition,
                                   struct raw_text body, struct raw_text *found);

/* Reads one part: `text` begins with the line of a boundary and ends before the next such line. The line break
 * before a boundary belongs to the boundary and not to the part (RFC 2046, 5.1.1), so it is cut off. A description
 * in base64 or quoted-printable is not decoded: it counts as unreadable. */
static enum body_kind part_read(unsigned depth, struct raw_text text, struct raw_text *found)
{
    struct raw part;
    raw_message_read(text.at, text.length, &part);
    if (part.body_at == 0) return BODY_NONE;
    struct raw_text body = {text.at + part.body_at, text.length - part.body_at};
    struct raw_text coding = part_value(&part, "Content-Transfer-Encoding"), type = part_value(&part, "Content-Type");
    if (body.length > 0 && body.at[body.length - 1] == '\n') body.length--;
    if (body.length > 0 && body.at[body.length - 1] == '\r') body.length--;
    enum body_kind kind = body_read_at(depth, type, part_value(&part, "Content-Disposition"), body, found);
    bool coded = raw_is(coding, "base64") || raw_is(coding, "quoted-printable");
    return coded && kind == BODY_DESCRIPTION ? BODY_UNREAD : kind;
}

/* Reads all parts: a part that is not understood is passed over, unless its handling is "required". A description
 * that cannot be read does not count as a missing one: otherwise the caller would wait for an answer to their offer,
 * and nobody would hear anybody. */
static enum body_kind parts_read(unsigned depth, struct raw_text boundary, struct raw_text body, struct raw_text *found)
{
    enum body_kind kind = BODY_NONE;
    size_t at, next;
    bool last = false;
    if (!boundary_next(body, boundary, &at, &last)) return BODY_UNREAD;
    while (!last) {
        struct raw_text text = {body.at + at, body.length - at}, its;
        struct raw_text behind = {text.at + 2, text.length - 2};
        if (!boundary_next(behind, boundary, &next, &last)) /* cut off */
            return kind == BODY_DESCRIPTION ? BODY_DESCRIPTION : BODY_UNREAD;
        text.length = next + 2;
        enum body_kind of_part = part_read(depth, text, &its);
        if (of_part == BODY_UNREAD) return BODY_UNREAD;
        if (of_part == BODY_DESCRIPTION && kind == BODY_NONE) *found = its;
        if (of_part == BODY_DESCRIPTION) kind = BODY_DESCRIPTION;
        at += next + 2;
    }
    return kind;
}

static enum body_kind body_read_at(unsigned depth, struct raw_text type, struct raw_text disposition,
                                   struct raw_text body, struct raw_text *found)
{
    struct raw_text boundary;
    bool parts = body_type_is(type, "multipart", NULL) && depth < BODY_DEPTH &&
                 body_param(type, "boundary", &boundary) && boundary.length > 0 && boundary.length <= BOUNDARY_MAX;
    if (body.length == 0) return BODY_NONE;
    if (parts) return parts_read(depth + 1, boundary, body, found);
    if (body_type_is(type, "multipart", NULL))
        return BODY_UNREAD; /* a multipart without a boundary, or too deep in others */
    if (!body_is_description(type, disposition))
        return body_handling(disposition, "required") ? BODY_UNREAD : BODY_NONE;
    *found = body;
    return BODY_DESCRIPTION;
}

/* Finds the session description of a body. A single body of another type is an error unless its handling is
 * "optional" (RFC 3261, 20.11: "required" is the default); within a multipart a part of another type is passed over. */
enum body_kind body_find_session(struct raw_text type, struct raw_text disposition, struct raw_text body,
                                 struct raw_text *found)
{
    enum body_kind kind = body_read_at(0, type, disposition, body, found);
    bool alone = body.length > 0 && !body_type_is(type, "multipart", NULL);
    return kind == BODY_NONE && alone && !body_handling(disposition, "optional") ? BODY_UNREAD : kind;
}
