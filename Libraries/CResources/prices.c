#include "CResources.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char prices[] = {
#embed "../../Prices/prices.txt"
};

const unsigned char *tacet_prices(size_t *count) {
    *count = sizeof prices;
    return prices;
}
