-- What attempts used beyond tokens: images, seconds, characters, queries. NULL for nearly all of them, and then free of room.
ALTER TABLE attempts ADD COLUMN units VARCHAR;           -- JSON by meter, images with size and quality
ALTER TABLE attempt_events ADD COLUMN units VARCHAR;
