#include "ui/picture/listing_scene.hpp"

namespace forktable {

Scene draw_listing(const ListingRequest&) { return {}; }

}  // namespace forktable
