"""The datasets of Keras: digits come with the package, the others are read from files that you
have in ~/.keras/datasets (tf.keras.datasets)."""

from graphscope.keras.datasets import boston_housing as boston_housing
from graphscope.keras.datasets import cifar10 as cifar10
from graphscope.keras.datasets import cifar100 as cifar100
from graphscope.keras.datasets import fashion_mnist as fashion_mnist
from graphscope.keras.datasets import imdb as imdb
from graphscope.keras.datasets import mnist as mnist
from graphscope.keras.datasets import reuters as reuters
