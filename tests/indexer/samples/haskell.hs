{-# LANGUAGE LambdaCase #-}
-- |
-- Module: Shop.Stock
module Shop.Stock
  ( Stock (..)
  , remove
  ) where

import qualified Data.Map as Map
import Data.List (sortOn)

-- | What is in the shop.
data Stock = Stock
  { items :: Map.Map String Int -- ^ how many of each
  , place :: Place
  }
  deriving (Show, Eq)

newtype Place = Place { unPlace :: String }

type Price = Double

data Expr a where
  Number :: Int -> Expr Int
  Truth :: Bool -> Expr Bool

-- | What can be priced.
class Priced a where
  -- | The price of one.
  price :: a -> Price

  isCheap :: a -> Bool
  isCheap thing = price thing < 1

instance Priced Place where
  price _ = 100

instance (Priced a, Priced b) => Priced (Either a b) where
  price (Left a) = price a
  price (Right b) = price b

{-| Takes one thing out,
    if there is any.
-}
remove :: String -> Stock -> Maybe Stock
remove "" _ = Nothing
remove name stock
  | count > 0 = Just stock { items = less (items stock) }
  | otherwise = Nothing
  where
    count = Map.findWithDefault 0 name (items stock)

    less :: Map.Map String Int -> Map.Map String Int
    less = Map.adjust (subtract 1) name

    unused x = x

-- Adds two stocks.
(<+>) :: Stock -> Stock -> Stock
left <+> right = left { items = Map.unionWith (+) (items left) (items right) }

infixl 6 <+>

total :: Stock -> Int
total = sum . Map.elems . items

-- | The first ones, without a signature.
firsts 0 _ = []
-- nothing left
firsts _ [] = []
firsts n (x : xs) =
  let go y = y
   in go x : firsts (n - 1) xs

describe :: Expr a -> String
describe = \case
  Number n -> show n
  Truth b -> show b

small, large :: Int
small = 1
large = 1000

x `orElse` y = maybe y id x

main :: IO ()
main = do
  let stock = Stock Map.empty (Place "here")
  print (total stock)
