/* runtime/store/address.c - Addresses in the one form under which they are compared. */
#include <stdio.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"

enum { PHONE_MAX = 15 }; /* digits of E.164 */

static const char *const kinds[] = {
#define KIND(name, doc) #name,
#include "runtime/store/kinds.def"
#undef KIND
};

const char *store_kind_name(enum store_kind kind)
{
    return kinds[kind];
}

bool store_kind_find(const char *name, enum store_kind *kind)
{
    for (unsigned i = 0; i < STORE_KINDS; i++)
        if (strcmp(name, kinds[i]) == 0) {
            *kind = i;
            return true;
        }
    return false;
}

static bool is_space(uint8_t byte)
{
    return byte <= ' ' || byte == 0x7f;
}

static struct span trimmed(struct span text)
{
    while (text.length > 0 && is_space(text.bytes[0])) text.bytes++, text.length--;
    while (text.length > 0 && is_space(text.bytes[text.length - 1])) text.length--;
    return text;
}

static bool refuse(struct error *error, const char *kind, const char *why)
{
    error_set(error, ERROR_INPUT, "this is no %s address: %s", kind, why);
    return false;
}

/* RFC 5321 leaves the case of a mailbox to its host; no host is known that tells two people apart by it. */
static bool email(struct span text, char *address, struct error *error)
{
    if (text.length > 1 && text.bytes[0] == '<' && text.bytes[text.length - 1] == '>')
        text = trimmed((struct span){text.bytes + 1, text.length - 2});
    if (text.length > 0 && text.bytes[text.length - 1] == '.') text.length--;
    if (text.length > STORE_ADDRESS_MAX) return refuse(error, "email", "it is too long");
    uint32_t sign = UINT32_MAX;
    bool quoted = text.length > 0 && text.bytes[0] == '"';
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.bytes[at];
        if (byte < ' ' || byte == 0x7f) return refuse(error, "email", "it has a control character");
        if (byte == '@' && sign != UINT32_MAX && !quoted) return refuse(error, "email", "it has more than one @");
        if (byte == '@') sign = at;
        address[at] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte);
    }
    address[text.length] = '\0';
    if (sign == UINT32_MAX || sign == 0 || sign + 1 >= text.length)
        return refuse(error, "email", "expected mailbox@domain");
    if (strpbrk(quoted ? address + sign : address, " <>,;"))
        return refuse(error, "email", "it has a character that stands in quotes only");
    return true;
}

static bool phone(struct span text, const char *country, char *address, struct error *error)
{
    char digits[STORE_ADDRESS_MAX + 1];
    size_t count = 0;
    bool plus = false;
    for (uint32_t at = 0; at < text.length; at++) {
        uint8_t byte = text.bytes[at];
        if (byte == '+' && count == 0 && !plus)
            plus = true;
        else if (byte >= '0' && byte <= '9' && count < STORE_ADDRESS_MAX - 8)
            digits[count++] = (char)byte;
        else if (!memchr(" -./()", byte, 6))
            return refuse(error, "phone", "expected digits, spaces and + - . / ( )");
    }
    digits[count] = '\0';
    const char *rest = digits, *code = "";
    if (!plus && rest[0] == '0' && rest[1] == '0')
        plus = true, rest += 2;
    else if (!plus && *rest == '0' && country && *country)
        plus = true, rest += 1, code = country;
    if (*rest == '\0' || (plus && *rest == '0') || strlen(code) + strlen(rest) > PHONE_MAX)
        return refuse(error, "phone", "expected at most 15 digits, as +49 30 1234567");
    snprintf(address, STORE_ADDRESS_MAX + 1, "%s%s%.*s", plus ? "+" : "", code, PHONE_MAX, rest);
    return true;
}

bool store_address(enum store_kind kind, struct span shown, const char *country, char address[STORE_ADDRESS_MAX + 1],
                   struct error *error)
{
    shown = trimmed(shown);
    if (!utf8_good(shown)) return refuse(error, kinds[kind], "it is no UTF-8");
    if (kind == STORE_email) return email(shown, address, error);
    if (kind == STORE_phone) return phone(shown, country, address, error);
    if (shown.length == 0 || shown.length > STORE_ADDRESS_MAX)
        return refuse(error, kinds[kind], "it is empty or too long");
    memcpy(address, shown.bytes, shown.length);
    address[shown.length] = '\0';
    return true;
}
