-- Has the price book changed?
SELECT count(*), coalesce(bit_xor(hash(prices)), 0) FROM prices
