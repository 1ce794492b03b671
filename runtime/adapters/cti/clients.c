/* runtime/adapters/cti/clients.c - The clients by their numbers, and what other files may know of a client. */
#include "runtime/adapters/cti/client_data.h"

uint64_t client_id(const struct client *client)
{
    return client->id;
}

bool client_is_known(const struct client *client)
{
    return client->known;
}

const struct user *client_user(const struct client *client)
{
    return client->user;
}

struct cti *client_cti(const struct client *client)
{
    return client->cti;
}

unsigned *client_registrations(struct client *client)
{
    return &client->registrations;
}

struct client *client_find(struct cti *cti, uint64_t id)
{
    unsigned low = 0, high = cti->client_count; /* clients are in the order of their numbers */
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (cti->clients[middle]->id == id) return cti->clients[middle];
        if (cti->clients[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
