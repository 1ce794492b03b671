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
    const char *const *own;   /* further hosts that belong to the network; ends with NULL */
    const char *const *named; /* hosts that the network's data file allows for files only; ends with NULL */
    const char *more;         /* more of these, from the setting `hosts`, with commas between */
};

/* To which kind does a host belong? HOST_OWN and HOST_BASE are sent our token; HOST_BASE may have any address. */
enum host { HOST_NONE, HOST_NAMED, HOST_OWN, HOST_BASE };

/* Reads an address and the kind of its host; the caller frees it by curl_url_cleanup(). NULL: nothing may be fetched
 * from there. */
CURLU *hosts_address(const struct webhook_hosts *, const char *text, enum host *);
/* Can this text be a host's name? */
bool hosts_name_is_good(const char *name);
/* Is it the address of one host in the public Internet: not this machine, no private network, no multicast? */
bool hosts_is_public(const struct sockaddr *);
