"""Deep Q-learning with a target network, on a corridor of six rooms."""

import numpy as np
import tensorflow as tf

np.random.seed(9)
tf.set_random_seed(9)
ROOMS, ACTIONS, GAMMA = 6, 2, 0.9


class Corridor:
    def reset(self):
        self.room = 0
        return self.seen()

    def seen(self):
        return np.eye(ROOMS)[self.room]

    def step(self, action):
        self.room = max(0, self.room + (1 if action == 1 else -1))
        done = self.room == ROOMS - 1
        return self.seen(), 1.0 if done else -0.05, done


class DQN:
    def __init__(self):
        self.memory = []
        self.learn_step_counter = 0
        self._build_net()
        t_params = tf.get_collection("target_net_params")
        e_params = tf.get_collection("eval_net_params")
        self.replace_target_op = [tf.assign(t, e) for t, e in zip(t_params, e_params)]
        self.sess = tf.Session()
        self.sess.run(tf.global_variables_initializer())

    def _net(self, s, c_names):
        w_init = tf.random_normal_initializer(0.0, 0.3)
        b_init = tf.constant_initializer(0.1)
        with tf.variable_scope("l1"):
            w1 = tf.get_variable("w1", [ROOMS, 8], initializer=w_init, collections=c_names)
            b1 = tf.get_variable("b1", [1, 8], initializer=b_init, collections=c_names)
            l1 = tf.nn.relu(tf.matmul(s, w1) + b1)
        with tf.variable_scope("l2"):
            w2 = tf.get_variable("w2", [8, ACTIONS], initializer=w_init, collections=c_names)
            b2 = tf.get_variable("b2", [1, ACTIONS], initializer=b_init, collections=c_names)
            return tf.matmul(l1, w2) + b2

    def _build_net(self):
        self.s = tf.placeholder(tf.float32, [None, ROOMS], name="s")
        self.s_ = tf.placeholder(tf.float32, [None, ROOMS], name="s_")
        self.r = tf.placeholder(tf.float32, [None], name="r")
        self.a = tf.placeholder(tf.int32, [None], name="a")
        self.done = tf.placeholder(tf.float32, [None], name="done")
        with tf.variable_scope("eval_net"):
            self.q_eval = self._net(self.s, ["eval_net_params", tf.GraphKeys.GLOBAL_VARIABLES])
        with tf.variable_scope("target_net"):
            self.q_next = self._net(self.s_, ["target_net_params", tf.GraphKeys.GLOBAL_VARIABLES])
        with tf.variable_scope("q_target"):
            best = tf.reduce_max(self.q_next, axis=1, name="Qmax_s_")
            self.q_target = tf.stop_gradient(self.r + GAMMA * best * (1.0 - self.done))
        with tf.variable_scope("q_eval"):
            indices = tf.stack([tf.range(tf.shape(self.a)[0], dtype=tf.int32), self.a], axis=1)
            self.q_wrt_a = tf.gather_nd(params=self.q_eval, indices=indices)
        with tf.variable_scope("loss"):
            error = tf.squared_difference(self.q_target, self.q_wrt_a, name="TD_error")
            self.loss = tf.reduce_mean(error)
        with tf.variable_scope("train"):
            self._train_op = tf.train.RMSPropOptimizer(0.01).minimize(self.loss)

    def choose_action(self, observation, epsilon):
        if np.random.uniform() < epsilon:
            q = self.sess.run(self.q_eval, feed_dict={self.s: observation[np.newaxis, :]})
            return int(np.argmax(q))
        return np.random.randint(0, ACTIONS)

    def learn(self):
        if self.learn_step_counter % 10 == 0:
            self.sess.run(self.replace_target_op)
        batch = [self.memory[i] for i in np.random.choice(len(self.memory), size=16)]
        s, a, r, s_, done = (np.array(part) for part in zip(*batch))
        _, cost = self.sess.run([self._train_op, self.loss], feed_dict={
            self.s: s, self.a: a, self.r: r, self.s_: s_, self.done: done})
        self.learn_step_counter += 1
        return cost


env, agent = Corridor(), DQN()
costs = []
for episode in range(6):
    observation, done, steps = env.reset(), False, 0
    while not done and steps < 15:
        action = agent.choose_action(observation, epsilon=0.0)
        following, reward, done = env.step(action)
        agent.memory.append((observation, action, reward, following, float(done)))
        observation, steps = following, steps + 1
        if len(agent.memory) > 20:
            costs.append(agent.learn())
q = agent.sess.run(agent.q_eval, {agent.s: np.eye(ROOMS)})
print("policy", ["left" if row[0] > row[1] else "right" for row in q[:-1]])

RESULTS = {"q": q, "costs": costs[::10], "updates": agent.learn_step_counter}
