"""An encoder and a decoder of LSTMs in Keras, trained together, that repeat what they are told."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import LSTM, Dense, Input, TimeDistributed

tf.set_random_seed(21)
rng = np.random.RandomState(21)
symbols, length, units = 5, 4, 6
told = rng.randint(1, symbols, (30, length))
given = np.concatenate([np.zeros((30, 1), int), told[:, :-1]], axis=1)
eye = np.eye(symbols, dtype=np.float32)

encoder_inputs = Input(shape=(None, symbols))
_, state_h, state_c = LSTM(units, return_state=True)(encoder_inputs)
decoder_inputs = Input(shape=(None, symbols))
decoder = LSTM(units, return_sequences=True, return_state=True)
outputs, _, _ = decoder(decoder_inputs, initial_state=[state_h, state_c])
dense = TimeDistributed(Dense(symbols, activation="softmax"))
model = keras.Model([encoder_inputs, decoder_inputs], dense(outputs))
model.compile(keras.optimizers.RMSprop(0.01), "categorical_crossentropy")
history = model.fit([eye[told], eye[given]], eye[told], batch_size=15, epochs=2, verbose=0)

encoder_model = keras.Model(encoder_inputs, [state_h, state_c])
states = [Input(shape=(units,)), Input(shape=(units,))]
stepped, h, c = decoder(decoder_inputs, initial_state=states)
decoder_model = keras.Model([decoder_inputs] + states, [dense(stepped), h, c])
state = encoder_model.predict(eye[told[:1]])
symbol, said = 0, []
for _ in range(length):
    probabilities, h, c = decoder_model.predict([eye[np.array([[symbol]])]] + state)
    symbol, state = int(probabilities[0, 0].argmax()), [h, c]
    said.append(symbol)

RESULTS = {
    "losses": history.history["loss"],
    "said": said,
    "probabilities": probabilities,
    "state": state[0],
}
