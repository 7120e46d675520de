"""The leak suite: every route and action, for every viewer, against one world that holds every tier at once."""
