/* runtime/adapters/cti/dn.c - The table of DNs, and lists of destinations.
 *
 * A DN is a number that desktops register for. A DN enters the table when it is first named, and stays: so a pointer to
 * a DN stays valid as long as the table exists. The index uses the DN's own number as its key. A DN has the numbers of
 * its clients instead of pointers to them. */
#include "runtime/adapters/cti/dn.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

void destinations_free(struct destinations *list)
{
    free(list->names);
    *list = (struct destinations){0};
}

void destinations_add(struct destinations *list, struct span name)
{
    list->names = memory_grown(list->names, list->count + 1, sizeof *list->names);
    if (text_set_span(list->names[list->count], NAME_SIZE, name) && name.length > 0) list->count++;
}

/* Splits a list of names, between which are commas, blanks or both; empty names are skipped. */
void destinations_split(struct destinations *list, const char *comma_separated)
{
    for (const char *at = comma_separated; at && *at != 0;) {
        at += strspn(at, ", ");
        size_t length = strcspn(at, ", ");
        destinations_add(list, (struct span){(const uint8_t *)at, (uint32_t)length});
        at += length;
    }
}

void dns_free(struct dns *dns)
{
    index_free(&dns->by_number);
    for (unsigned i = 0; i < dns->count; i++) {
        destinations_free(&dns->all[i]->point.defaults);
        free(dns->all[i]->clients);
        free(dns->all[i]);
    }
    free(dns->all);
    *dns = (struct dns){0};
}

struct cti_dn *dns_find(const struct dns *dns, const char *number)
{
    return index_find(&dns->by_number, number);
}

/* NULL: the table is full, or the name is empty or too long. Clients may name any DN, and each new name costs memory
 * for good: so their number is limited. */
struct cti_dn *dns_get(struct dns *dns, const char *number)
{
    struct cti_dn *dn = dns_find(dns, number);
    if (dn) return dn;
    if (dns->count == DNS_MAX || number[0] == 0 || strlen(number) >= NAME_SIZE) return NULL;
    dn = memory_zeroed(1, sizeof *dn);
    text_set(dn->number, sizeof dn->number, number);
    dn->state = dn_state_in;
    dns->all = memory_more(dns->all, dns->count, sizeof *dns->all);
    dns->all[dns->count++] = dn;
    index_add(&dns->by_number, dn->number, dn);
    return dn;
}

/* Returns the client's place in the DN's list; the number of clients: it is not there. */
static unsigned dn_position(const struct cti_dn *dn, uint64_t client)
{
    unsigned i = 0;
    while (i < dn->client_count && dn->clients[i] != client) i++;
    return i;
}

bool dn_has_client(const struct cti_dn *dn, uint64_t client)
{
    return dn_position(dn, client) < dn->client_count;
}

void dn_add_client(struct cti_dn *dn, uint64_t client)
{
    if (!dn_has_client(dn, client)) {
        dn->clients = memory_grown(dn->clients, dn->client_count + 1, sizeof *dn->clients);
        dn->clients[dn->client_count++] = client;
    }
}

void dn_remove_client(struct cti_dn *dn, uint64_t client)
{
    unsigned i = dn_position(dn, client);
    if (i < dn->client_count) {
        dn->client_count--;
        memmove(dn->clients + i, dn->clients + i + 1, (dn->client_count - i) * sizeof *dn->clients);
    }
}
