"""A small in-memory rate limiter."""

import time
