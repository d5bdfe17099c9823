"""Every table of the board in one place, for migrations and for checking them."""

from __future__ import annotations

from civicboard.kit import limits, outbox, presence
from civicboard.kit.database import Base
from civicboard.matching import models as matching
from civicboard.networks import models as networks
from civicboard.notices import models as notices
from civicboard.offers import models as offers
from civicboard.organisations import models as organisations
from civicboard.people import models as people
from civicboard.places import models as places
from civicboard.posts import models as posts
from civicboard.problems import models as problems
from civicboard.progress import models as progress
from civicboard.skills import models as skills

metadata = Base.metadata
modules = (
    limits,
    outbox,
    presence,
    places,
    people,
    organisations,
    skills,
    problems,
    networks,
    posts,
    progress,
    offers,
    matching,
    notices,
)
