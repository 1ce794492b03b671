/* runtime/adapters/cti/address.h - "host:port", as settings write it. */
#ifndef CTI_ADDRESS_H
#define CTI_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct address {
    struct sockaddr_storage socket;
    int length;
};

/* Looks it up; an IPv6 address stands in brackets, port 0 is allowed. False with the reason in `why`. */
bool address_parse(struct address *, const char *text, char *why, size_t why_size);

#endif
