/* runtime/adapters/webhook/hosts.h - From which hosts a customer's file may be fetched.
 *
 * The address of a file comes from outside, perhaps from the customer: without a rule it would let anybody ask the
 * machines of our own network through us. A file comes from the host of `base`, which the site has named, or by HTTPS
 * from one that the network's data file or the setting `hosts` names, where that has a public address. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

struct sockaddr;

struct webhook_hosts {
    const char *base;         /* the address of the network's API */
    const char *const *own;   /* other hosts of the network's; ends with NULL */
    const char *const *named; /* others; ends with NULL */
    const char *more;         /* of those, with commas between */
};

/* A host of the network's own hears our token; that of `base` may have any address. */
enum host { HOST_NONE, HOST_NAMED, HOST_OWN, HOST_BASE };

/* The address, which the caller frees by curl_url_cleanup(); NULL: nothing may be fetched there. */
CURLU *hosts_address(const struct webhook_hosts *, const char *text, enum host *);
/* Can it be a host's name? */
bool hosts_name_is_good(const char *name);
/* Is it the address of one host in the public Internet: not this machine, no private network, no multicast? */
bool hosts_is_public(const struct sockaddr *);
