/* runtime/sources/certificate.c - Reads the end of a certificate as libcurl tells it: a line of words. */
#include "runtime/sources/certificate.h"

#include <assert.h>
#include <string.h>

int64_t curl_certificate_ends_s(CURL *curl)
{
    static const char mark[] = "Expire date:";
    struct curl_certinfo *info = NULL;
    assert(curl);
    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info || info->num_of_certs == 0) return 0;
    for (struct curl_slist *line = info->certinfo[0]; line; line = line->next)
        if (strncmp(line->data, mark, sizeof mark - 1) == 0) {
            time_t ends = curl_getdate(line->data + sizeof mark - 1, NULL);
            return ends > 0 ? (int64_t)ends : 0;
        }
    return 0;
}
