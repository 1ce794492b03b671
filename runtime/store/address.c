/* runtime/store/address.c - Brings addresses into the one form in which they are compared. */
#include <assert.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/person.h"

static const char *const kinds[] = {
#define KIND(name, doc) #name,
#include "runtime/store/kinds.def"
};

const char *store_kind_name(enum store_kind kind)
{
    assert(kind < STORE_KINDS);
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

bool store_address(enum store_kind kind, struct span shown, const char *country, char address[STORE_ADDRESS_MAX + 1],
                   struct error *error)
{
    const char *why = "it is empty or too long";
    static_assert((int)PERSON_MAX == (int)STORE_ADDRESS_MAX, "an address has one length");
    bool good = false;
    if (!bytes_are_utf8(shown))
        why = "it is no UTF-8";
    else if (kind == STORE_email)
        good = person_mail(shown, address, &why);
    else if (kind == STORE_phone)
        good = person_dialled(shown, country, address, &why);
    else
        good = person_trimmed(shown, address);
    return good || error_set(error, ERROR_INPUT, "this is no %s address: %s", kinds[kind], why);
}
